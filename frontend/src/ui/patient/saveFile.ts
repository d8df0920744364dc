import { saveBlob } from '../saveBlob';

/** Hands a text over as a file of the browser's own download. */
export function saveFile({ name, text }: { name: string; text: string }): void {
  saveBlob(name, new Blob([text], { type: 'application/json' }));
}
