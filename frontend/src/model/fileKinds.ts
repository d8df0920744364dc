/** What a file is, by its bytes and never by what it calls itself; and what may be shown inside the app. */

export type Showing = 'image' | 'text' | 'none';

export type FileKind = {
  /** The MIME that its bytes are given here. */
  type: string;
  words: string;
  /** The endings that such a file may have; the first is given to one whose own ending lies. */
  endings: readonly string[];
  shown: Showing;
  /** Opened by a system, it may do something: it is saved under an ending that nothing runs. */
  mayRun: boolean;
};

const kind = (type: string, words: string, endings: readonly string[], shown: Showing = 'none', mayRun = false): FileKind => ({ type, words, endings, shown, mayRun });

const PNG = kind('image/png', 'PNG picture', ['png'], 'image');
const JPEG = kind('image/jpeg', 'JPEG picture', ['jpg', 'jpeg', 'jfif'], 'image');
const GIF = kind('image/gif', 'GIF picture', ['gif'], 'image');
const WEBP = kind('image/webp', 'WebP picture', ['webp'], 'image');
const PDF = kind('application/pdf', 'PDF document', ['pdf']);
const ZIP = kind('application/zip', 'packed file or office document', ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar']);
const OLE = kind('application/x-ole-storage', 'old office document', ['doc', 'xls', 'ppt', 'msg']);
const RTF = kind('application/rtf', 'RTF document', ['rtf', 'doc']);
const DICOM = kind('application/dicom', 'DICOM image', ['dcm', 'dicom', '']);
const TIFF = kind('image/tiff', 'TIFF picture', ['tif', 'tiff']);
const HEIC = kind('image/heic', 'HEIC picture', ['heic', 'heif', 'avif']);
const MP4 = kind('video/mp4', 'film or sound recording', ['mp4', 'm4a', 'm4v', 'mov']);
const WEBM = kind('video/webm', 'film or sound recording', ['webm', 'mkv']);
const OGG = kind('audio/ogg', 'sound recording', ['ogg', 'oga', 'opus']);
const WAV = kind('audio/wav', 'sound recording', ['wav']);
const MP3 = kind('audio/mpeg', 'sound recording', ['mp3']);
const WINDOWS = kind('application/x-msdownload', 'Windows program', ['exe', 'dll', 'scr', 'com'], 'none', true);
const LINUX = kind('application/x-elf', 'Linux program', ['elf', 'so', 'bin'], 'none', true);
const MACOS = kind('application/x-mach-binary', 'macOS program', ['app', 'dylib', 'bin'], 'none', true);
const SCRIPT = kind('text/x-script', 'script', ['sh', 'py', 'pl', 'rb'], 'none', true);
const HTML = kind('text/html', 'web page', ['html', 'htm', 'xhtml'], 'none', true);
const SVG = kind('image/svg+xml', 'SVG drawing, which may hold a script', ['svg'], 'none', true);
const TEXT = kind('text/plain', 'text', ['txt', 'md', 'csv', 'tsv', 'log', 'json', 'xml', 'yaml', 'yml', 'ics', 'vcf', 'eml', 'hl7', ''], 'text');
export const UNKNOWN = kind('application/octet-stream', 'file of a kind that is not known here', []);

/** How many of the first bytes tell. */
export const TELLING_BYTES = 1024;

const at = (bytes: Uint8Array, place: number, ascii: string): boolean => [...ascii].every((char, index) => bytes[place + index] === char.charCodeAt(0));

const starts = (bytes: Uint8Array, ...wanted: number[]): boolean => wanted.every((byte, index) => bytes[index] === byte);

const SIGNS: readonly [FileKind, (bytes: Uint8Array) => boolean][] = [
  [PNG, (bytes) => starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  [JPEG, (bytes) => starts(bytes, 0xff, 0xd8, 0xff)],
  [GIF, (bytes) => at(bytes, 0, 'GIF87a') || at(bytes, 0, 'GIF89a')],
  [WEBP, (bytes) => at(bytes, 0, 'RIFF') && at(bytes, 8, 'WEBP')],
  [WAV, (bytes) => at(bytes, 0, 'RIFF') && at(bytes, 8, 'WAVE')],
  [PDF, (bytes) => at(bytes, 0, '%PDF-')],
  [ZIP, (bytes) => starts(bytes, 0x50, 0x4b, 0x03, 0x04) || starts(bytes, 0x50, 0x4b, 0x05, 0x06)],
  [OLE, (bytes) => starts(bytes, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)],
  [RTF, (bytes) => at(bytes, 0, '{\\rtf')],
  [DICOM, (bytes) => at(bytes, 128, 'DICM')],
  [TIFF, (bytes) => starts(bytes, 0x49, 0x49, 0x2a, 0x00) || starts(bytes, 0x4d, 0x4d, 0x00, 0x2a)],
  [HEIC, (bytes) => at(bytes, 4, 'ftyp') && ['heic', 'heix', 'mif1', 'msf1', 'avif'].some((brand) => at(bytes, 8, brand))],
  [MP4, (bytes) => at(bytes, 4, 'ftyp')],
  [WEBM, (bytes) => starts(bytes, 0x1a, 0x45, 0xdf, 0xa3)],
  [OGG, (bytes) => at(bytes, 0, 'OggS')],
  [MP3, (bytes) => at(bytes, 0, 'ID3') || starts(bytes, 0xff, 0xfb)],
  [WINDOWS, (bytes) => at(bytes, 0, 'MZ')],
  [LINUX, (bytes) => starts(bytes, 0x7f, 0x45, 0x4c, 0x46)],
  [MACOS, (bytes) => starts(bytes, 0xcf, 0xfa, 0xed, 0xfe) || starts(bytes, 0xca, 0xfe, 0xba, 0xbe)],
  [SCRIPT, (bytes) => at(bytes, 0, '#!')],
];

const MARKUP: readonly [FileKind, RegExp][] = [
  [SVG, /<svg[\s>]/i],
  [HTML, /<(!doctype html|html|head|body|script|iframe|object|embed|meta)[\s>]/i],
];

/** Text that a page may show: valid UTF-8 without control characters but those of lines. */
function asText(bytes: Uint8Array): string | null {
  let text: string;
  try {
    // The end of what tells may lie within a character.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.slice(0, TELLING_BYTES), { stream: true });
  } catch {
    return null;
  }
  // eslint-disable-next-line no-control-regex -- these are what tells bytes from text
  return /[\u0000-\u0008\u000b\u000e-\u001f]/.test(text) ? null : text;
}

/** The kind of a file by its first bytes (TELLING_BYTES are enough). */
export function kindOf(bytes: Uint8Array): FileKind {
  const signed = SIGNS.find(([, fits]) => fits(bytes));
  if (signed) return signed[0];
  const text = bytes.length ? asText(bytes) : null;
  if (text === null) return UNKNOWN;
  return MARKUP.find(([, sign]) => sign.test(text))?.[0] ?? TEXT;
}

const KINDS: readonly FileKind[] = [...SIGNS.map(([found]) => found), SVG, HTML, TEXT];

/** What a sender's client said that it is, in words: a claim, until the bytes are here. */
export function claimedKind(type: string): FileKind {
  return KINDS.find((one) => one.type === type) ?? UNKNOWN;
}

export function endingOf(name: string): string {
  const found = /\.([A-Za-z0-9]{1,8})$/.exec(name);
  return found?.[1]?.toLowerCase() ?? '';
}

/** Whether the name's ending speaks of another kind than the bytes. */
export function isLying(name: string, found: FileKind): boolean {
  return found !== UNKNOWN && !found.endings.includes(endingOf(name));
}
