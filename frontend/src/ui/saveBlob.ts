/** Hands bytes over as a file of the browser's own download. */
export function saveBlob(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken hold of the content once the click was handled.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
