/** A small picture of a picture, made on this device before anything leaves it. */
import { PREVIEW_MAX } from '../crypto/tables.gen';
import { toBase64Url } from './bytes';
import { kindOf, TELLING_BYTES } from './fileKinds';
import type { Preview } from './files';

const LONGEST_SIDE = 480;
const MOST_BYTES_TO_DECODE = 40_000_000;
const QUALITIES = [0.8, 0.6, 0.4, 0.2];

/** Null for what is no picture, and for a picture that this browser cannot read. */
export async function previewOf(file: Blob): Promise<Preview | null> {
  const found = kindOf(new Uint8Array(await file.slice(0, TELLING_BYTES).arrayBuffer()));
  if (found.shown !== 'image' || file.size > MOST_BYTES_TO_DECODE) return null;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null;
  }
  try {
    return await drawn(picture);
  } finally {
    picture.close();
  }
}

async function drawn(picture: ImageBitmap): Promise<Preview | null> {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height);
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', quality));
    // A browser that writes no WebP gives a PNG, which is what its bytes then say.
    if (blob && blob.size <= PREVIEW_MAX) return { type: blob.type, data: toBase64Url(new Uint8Array(await blob.arrayBuffer())), width, height };
  }
  return null;
}
