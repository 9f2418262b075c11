// Saving files that the page makes.

/** Saves `blob` as a file of the reader's. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A title as the name of a file, without an extension; `otherwise` if nothing of the title remains. */
export function fileName(title, otherwise) {
  return title.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "").toLowerCase() || otherwise;
}
