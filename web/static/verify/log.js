// The log: tree and inclusion (RFC 6962), the state map and its proofs (docs/formats/state-map.md).

import { big, equal, isBytes, isHash, join, sha256, text } from "./bytes.js";
import { MalformedError, ProofError } from "./errors.js";

const EMPTY = new Uint8Array(32);
const EMPTY_ROOT = sha256();
const form = (what) => new MalformedError(`state-proof.${what}`);
const bit = (bytes, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1;

export const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

// The root over complete subtrees, largest first.
export async function fold(nodes) {
  if (!nodes.length) return EMPTY_ROOT;
  let root = nodes[nodes.length - 1];
  for (const left of nodes.slice(0, -1).reverse()) root = await nodeHash(left, root);
  return root;
}

export async function checkInclusion({ leaf, index, size, path, expected }) {
  checkHashes([leaf, expected, ...path]);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new ProofError("tree.index");
  }
  const [reached] = await climb([leaf], index, size - 1, path);
  if (!equal(reached, expected)) throw new ProofError("tree.inclusion");
}

// The tree of `size` is that of `oldSize` with leaves appended (RFC 9162, 2.1.4.2). Sizes and roots
// come from signed checkpoints, the path from anybody.
export async function checkConsistency({ oldSize, oldRoot, size, root, path }) {
  if (!(oldSize > 0 && oldSize <= size)) throw new ProofError("tree.size");
  if (oldSize === size) {
    if (path.length) throw new ProofError("tree.path-length");
    if (!equal(oldRoot, root)) throw new ProofError("tree.consistency");
    return;
  }
  checkHashes([oldRoot, root, ...path]);
  let [at, last] = [oldSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  // The old root itself is not sent when the old tree is one complete subtree.
  const [first, ...rest] = at === 0 ? [oldRoot, ...path] : path;
  if (!first) throw new ProofError("tree.path-length");
  const [reached, old] = await climb([first, first], at, last, rest);
  if (!equal(reached, root)) throw new ProofError("tree.consistency");
  // The path does lead to the new root: the tree that was signed later holds another old one.
  if (!equal(old, oldRoot)) throw new ProofError("tree.forked");
}

// From the node `at` beside `last` to the root (RFC 9162, 2.1.3.2 and 2.1.4.2); of two nodes the second
// is the tree that ended there, which has nothing to its right.
async function climb([reached, old], at, last, path) {
  for (const sibling of path) {
    if (last === 0) throw new ProofError("tree.path-length");
    if (at % 2 === 1 || at === last) {
      reached = await nodeHash(sibling, reached);
      old &&= await nodeHash(sibling, old);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      reached = await nodeHash(reached, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new ProofError("tree.path-length");
  return [reached, old];
}

function checkHashes(hashes) {
  if (!hashes.every((node) => isHash(node))) {
    throw new MalformedError("tree.hash-size");
  }
}

export const statePath = (ledger, kind, name) =>
  sha256(Uint8Array.of(5), ledger, text(kind), Uint8Array.of(0), text(name));

// `recordHash` null: the subject is absent.
export async function checkStateProof({ path, recordHash, proof, root }) {
  if (!Array.isArray(proof) || (proof.length !== 3 && proof.length !== 4)) throw form("items");
  const [depth, bitmap, siblings] = proof;
  if (!Number.isInteger(depth) || depth < 0 || depth > 256) throw form("depth");
  if (!isBytes(bitmap, (depth + 7) >> 3)) throw form("bitmap");
  for (let i = depth; i < bitmap.length * 8; i++) if (bit(bitmap, i)) throw form("spare-bits");
  let count = 0;
  for (let i = 0; i < depth; i++) count += bit(bitmap, i);
  if (!Array.isArray(siblings) || siblings.length !== count) throw form("siblings");
  for (const sibling of siblings) {
    if (!isHash(sibling) || equal(sibling, EMPTY)) throw form("sibling");
  }
  if ((recordHash === null) !== (proof.length === 4)) {
    throw new ProofError("state-proof.kind");
  }
  let reached =
    recordHash === null
      ? await absentHash(proof[3], path, depth)
      : await sha256(Uint8Array.of(2), path, recordHash);
  let next = 0;
  for (let level = depth - 1; level >= 0; level--) {
    const sibling = bit(bitmap, level) ? siblings[next++] : EMPTY;
    const pair = bit(path, level) ? [sibling, reached] : [reached, sibling];
    reached = await sha256(Uint8Array.of(3), ...pair);
  }
  if (!equal(reached, root)) throw new ProofError("state-proof.root");
}

async function absentHash(other, path, depth) {
  if (other === null) return EMPTY;
  if (!Array.isArray(other) || other.length !== 2) throw form("other");
  const [otherPath, otherHash] = other;
  if (!isHash(otherPath) || !isHash(otherHash)) throw form("size");
  if (equal(otherPath, path)) throw form("other-same");
  if ((big(otherPath) ^ big(path)) >> BigInt(256 - depth)) throw form("other-elsewhere");
  return sha256(Uint8Array.of(2), join(otherPath, otherHash));
}
