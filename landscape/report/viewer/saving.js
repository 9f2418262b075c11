// Files that the page makes and the reader keeps.

/** Hands `blob` to the reader as a file. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A title as the name of a file, without its ending. */
export function fileName(title, otherwise) {
  return title.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "").toLowerCase() || otherwise;
}
