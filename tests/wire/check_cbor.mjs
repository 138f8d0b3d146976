// Read CBOR with the browser's decoder: `node check_cbor.mjs INPUTS MODULES` prints for each line of
// hex the code of the refusal, or the hash of what was read, written as the value and all its types.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [inputs, modules] = process.argv.slice(2);
const { decode } = await import(pathToFileURL(`${modules}/cbor.js`));
const { MalformedError } = await import(pathToFileURL(`${modules}/errors.js`));

function written(value) {
  if (value === null || typeof value === "boolean") return `${value}`;
  if (typeof value === "number") return `i${value}`;
  if (typeof value === "string") return `t${Buffer.from(value).toString("hex")}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `[${value.map(written).join()}]`;
  return `{${[...value].map((pair) => pair.map(written).join(":")).join()}}`;
}

const said = readFileSync(inputs, "utf8").split("\n").map((line) => {
  try {
    const value = written(decode(new Uint8Array(Buffer.from(line, "hex"))));
    return createHash("sha256").update(value).digest("hex").slice(0, 16);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return error.code;
  }
});
console.log(said.join("\n"));
