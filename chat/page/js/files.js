// What a reader chose or dropped in, its files with the names of their folders out. No elements here.

/** Files of a picker. */
export const chosen = (files) => [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/** Files of a drop, those in its folders too; a null for what can't be read, told with those that could not be sent. */
export async function dropped(items) {
  const files = [];
  for (const entry of items.map((item) => item.webkitGetAsEntry()).filter(Boolean)) await walk(entry, "", files);
  return files;
}

async function walk(entry, folder, files) {
  const name = folder + entry.name;
  if (entry.isFile) {
    files.push({ name, file: await new Promise((resolve) => entry.file(resolve, () => resolve(null))) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null)));
    if (!entries) files.push({ name, file: null });
    if (!entries?.length) return;
    for (const inner of entries) await walk(inner, `${name}/`, files);
  }
}
