// Reach every answer on proofs of inclusion and consistency with the browser's module, in the form of
// the public vectors. `node check_log_vectors.mjs MODULES FILE` prints a line for each difference.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const { checkConsistency, checkInclusion } = await import(pathToFileURL(`${modules}/log.js`));
const { VerifyError } = await import(pathToFileURL(`${modules}/errors.js`));
const bytes = (value) => new Uint8Array(Buffer.from(value ?? "", "base64"));
const nodes = (row) => (row.proof ?? []).map(bytes);
const checks = {
  inclusion: (row) =>
    checkInclusion({
      leaf: bytes(row.leafHash),
      index: row.leafIdx,
      size: row.treeSize,
      path: nodes(row),
      expected: bytes(row.root),
    }),
  consistency: (row) =>
    checkConsistency({
      oldSize: row.size1,
      oldRoot: bytes(row.root1),
      size: row.size2,
      root: bytes(row.root2),
      path: nodes(row),
    }),
};
let [done, different] = [0, 0];
for (const [kind, rows] of Object.entries(JSON.parse(readFileSync(file, "utf8")))) {
  for (const row of rows) {
    let refused = false;
    try {
      await checks[kind](row);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      refused = true;
    }
    done += 1;
    if (refused !== row.wantErr) {
      different += 1;
      console.log(kind, JSON.stringify(row));
    }
  }
}
console.log(`${done} proofs, ${different} different`);
process.exit(different ? 1 : 0);
