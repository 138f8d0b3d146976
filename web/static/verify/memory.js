// What this browser has seen of a ledger: its largest checkpoint, kept from visit to visit, so that
// every phone is a witness. A smaller size, another root or a tree that does not extend it is refused.

import { hex, unhex } from "./bytes.js";
import { ProofError } from "./errors.js";
import { checkConsistency } from "./log.js";

const place = (ledger) => `ringmark.seen.${hex(ledger)}`;

// {size, root}, or undefined where nothing was seen; what cannot be read counts as nothing.
export function recall(storage, ledger) {
  try {
    const [size, root] = storage.getItem(place(ledger)).split(" ");
    const seen = { size: Number(size), root: unhex(root) };
    return Number.isSafeInteger(seen.size) && seen.size > 0 && seen.root.length === 32 ? seen : undefined;
  } catch {
    return undefined;
  }
}

// Say whether it is kept: private windows and full phones have no room. What another page of the same
// ledger has kept since stays, where it is larger.
export function remember(storage, ledger, { size, root }) {
  const kept = recall(storage, ledger);
  if (kept && kept.size >= size) return true;
  try {
    storage.setItem(place(ledger), `${size} ${hex(root)}`);
  } catch {
    return false;
  }
  return true;
}

// Raise unless a checkpoint that holds goes on from the one that was seen. `readPath` gets the
// consistency path between two sizes from whoever has it. Two histories are told of only where two
// signed checkpoints prove them; a path that leads nowhere is a false proof, of whoever gave it.
export async function checkExtends(seen, { size, root }, readPath) {
  if (seen === undefined) return;
  if (size < seen.size) {
    throw new ProofError("history.behind", `a tree of ${size} leaves; ${seen.size} were seen here`);
  }
  const path = size === seen.size ? [] : await readPath(seen.size, size);
  try {
    await checkConsistency({ oldSize: seen.size, oldRoot: seen.root, size, root, path });
  } catch (error) {
    const isFork = size === seen.size || error.code === "tree.forked";
    throw new ProofError(isFork ? "history.two" : "proof.failed", error.message);
  }
}
