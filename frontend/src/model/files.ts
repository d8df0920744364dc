/** The part of a message's body that names a file; what another client wrote is never trusted to be well formed. */
import { PREVIEW_MAX } from '../crypto/tables.gen';
import type { FileTerms } from '../crypto/vaultApi';
import { fromBase64Url } from './bytes';
import { kindOf } from './fileKinds';

export type Preview = { type: string; data: string; width: number; height: number };

/** `name` and `type` are the sender's claim. */
export type FileBody = FileTerms & { name: string; type: string; preview: Preview | null };

const BYTES_32 = /^[\w-]{43}$/;
const MOST_PIXELS = 4096;

const isText = (value: unknown): value is string => typeof value === 'string';
const isPixels = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MOST_PIXELS;

function previewOf(value: unknown): Preview | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, data, width, height } = value as Record<string, unknown>;
  if (!isText(type) || !isText(data) || !isPixels(width) || !isPixels(height)) return null;
  return data.length <= Math.ceil((PREVIEW_MAX * 4) / 3) ? { type, data, width, height } : null;
}

/** The file that a body names, or null. */
export function fileOf(value: unknown): FileBody | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, size, hash, name, type, preview } = value as Record<string, unknown>;
  if (!isText(key) || !BYTES_32.test(key) || !isText(hash) || !BYTES_32.test(hash)) return null;
  if (!Number.isSafeInteger(size) || (size as number) < 0 || !isText(name) || !isText(type)) return null;
  return { key, size: size as number, hash, name, type: type.slice(0, 100), preview: previewOf(preview) };
}

/** The picture of a preview, when its bytes are one that the app shows; what it calls itself does not count. */
export function previewPicture(preview: Preview): Blob | null {
  try {
    const bytes = fromBase64Url(preview.data);
    const found = kindOf(bytes);
    return found.shown === 'image' ? new Blob([bytes as Uint8Array<ArrayBuffer>], { type: found.type }) : null;
  } catch {
    return null;
  }
}
