// Files on their way in: with the names of their folders, and those that can't be read or sent.
import assert from "node:assert/strict";
import test from "node:test";

import { chosen, dropped } from "../../chat/page/js/files.js";
import { sent } from "../../chat/page/js/intake.js";

const fileEntry = (name, readable = true) => ({
  name,
  isFile: true,
  file: (resolve, refuse) => (readable ? resolve(`the bytes of ${name}`) : refuse(new Error("gone"))),
});

/** A folder that a browser reads in batches, as Chromium does with a hundred at a time. */
const folderEntry = (name, entries, batch = 2) => ({
  name,
  isFile: false,
  createReader() {
    const left = [...entries];
    return { readEntries: (resolve) => resolve(left.splice(0, batch)) };
  },
});

const unreadable = (name) => ({
  name,
  isFile: false,
  createReader: () => ({ readEntries: (_resolve, refuse) => refuse(new Error("no permission")) }),
});

const drop = (...entries) => dropped(entries.map((entry) => ({ webkitGetAsEntry: () => entry })));

test("a folder is walked to its end, and its files are named from it", async () => {
  const may = folderEntry("may", ["a", "b", "c", "d", "e"].map((name) => fileEntry(`${name}.txt`)));
  const files = await drop(folderEntry("2020", [may, fileEntry("note.md")]), fileEntry("single.txt"));
  const names = ["a", "b", "c", "d", "e"].map((name) => `2020/may/${name}.txt`);
  assert.deepEqual(files.map((entry) => entry.name), [...names, "2020/note.md", "single.txt"]);
  assert.equal(files[0].file, "the bytes of a.txt");
});

test("what can't be read is there without its bytes", async () => {
  const files = await drop(fileEntry("gone.txt", false), unreadable("locked"), null);
  assert.deepEqual(files, [
    { name: "gone.txt", file: null },
    { name: "locked", file: null },
  ]);
});

test("chosen files have the path in the folder that was chosen", () => {
  const files = [{ name: "a.txt", webkitRelativePath: "2020/a.txt" }, { name: "b.txt", webkitRelativePath: "" }];
  assert.deepEqual(chosen(files).map((entry) => entry.name), ["2020/a.txt", "b.txt"]);
});

test("files are sent one by one, and those that did not arrive are named", async () => {
  const told = [];
  const upload = async (file) => {
    if (file === "large") throw new Error("413");
    return { path: `/tmp/${file}` };
  };
  const files = ["small", "large", "other"].map((file) => ({ name: `${file}.txt`, file }));
  assert.deepEqual(await sent(files, upload, (number, name) => told.push([number, name])), [
    { name: "small.txt", file: "/tmp/small" },
    { name: "large.txt", file: "" },
    { name: "other.txt", file: "/tmp/other" },
  ]);
  assert.deepEqual(told, [[0, "small.txt"], [1, "large.txt"], [2, "other.txt"]]);
});
