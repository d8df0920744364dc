/** Names of files as others chose them: shown so that nothing hides in them, and saved so that nothing runs by them. */
import { isLying, UNKNOWN, type FileKind } from './fileKinds';

const LONGEST = 120;

/** Control characters, marks of direction, what has no width: what makes a name look like another. */
// eslint-disable-next-line no-control-regex -- exactly these must be found
const HIDING = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function shortened(name: string, most: number): string {
  const chars = [...name];
  if (chars.length <= most) return name;
  // The ending says most about a file, so the middle goes.
  return `${chars.slice(0, most - 21).join('')}…${chars.slice(-20).join('')}`;
}

/** The name with everything that hides written out, as in `invoice⟨U+202E⟩fdp.exe`. */
export function visibleName(name: string): string {
  const written = name.replace(HIDING, (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
  return shortened(written.trim(), LONGEST) || 'File without a name';
}

/** A name to save under: no path, nothing that hides, and an ending that is true to the bytes. */
export function savedName(name: string, found: FileKind): string {
  const plain = name.replace(HIDING, '').replace(/[/\\:*?"<>|%]/g, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const known = shortened(plain, LONGEST).replace('…', '_') || 'file';
  if (found.mayRun) return `${known}.bin`;
  return found !== UNKNOWN && isLying(known, found) ? `${known}.${found.endings[0] ?? 'bin'}` : known;
}

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** `1.4 MB`; a KB is a thousand bytes, as people's devices say it. */
export function sizeInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}
