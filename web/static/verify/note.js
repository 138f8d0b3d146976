// Signed notes, checkpoints, verifier keys and witness policies (docs/formats, C2SP).

import { base64, big, hex, isBytes, isHash, sha256, text, utf8 } from "./bytes.js";
import { MalformedError, ProofError, UndecidedError } from "./errors.js";
import { ED25519, checkSignature } from "./keys.js";

const LOG = 1;
const COSIGNATURE = 4;
const NOTE_SIZE_MAX = 512 * 1024;
// Space as Unicode and the twins in Python and Go have it: U+0085 is, U+FEFF is not.
const SPACE = /[+\u0085]|(?!\ufeff)\s/;
const badNote = (what) => new MalformedError(`note.${what}`);

export function parseNote(data) {
  if (data.length > NOTE_SIZE_MAX) throw badNote("size");
  let whole;
  try {
    whole = utf8.decode(data);
  } catch {
    throw badNote("utf8");
  }
  const cut = whole.lastIndexOf("\n\n");
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw badNote("control");
  if (cut < 0 || !whole.endsWith("\n")) throw badNote("shape");
  const lines = whole.slice(cut + 2, -1).split("\n");
  if (lines.length > 64) throw badNote("signatures");
  return { text: whole.slice(0, cut + 1), signatures: lines.map(parseLine) };
}

function parseLine(line) {
  const [dash, name, encoded, ...more] = line.split(" ");
  if (dash !== "—" || !name || SPACE.test(name) || encoded === undefined || more.length) {
    throw badNote("line");
  }
  const blob = base64(encoded);
  if (blob.length < 5) throw badNote("line");
  return { name, id: hex(blob.subarray(0, 4)), signature: blob.subarray(4) };
}

export async function parseVkey(value) {
  const cut = value.indexOf("+");
  const next = value.indexOf("+", cut + 1);
  if (cut < 1 || next < 0) throw badNote("vkey");
  const [name, id, typed] = [value.slice(0, cut), value.slice(cut + 1, next), base64(value.slice(next + 1))];
  const made = await sha256(text(`${name}\n`), typed);
  if (hex(made.subarray(0, 4)) !== id || !isBytes(typed, 33)) throw badNote("vkey");
  return { name, id, type: typed[0], public: typed.subarray(1), value };
}

export function parseCheckpoint(note) {
  const lines = note.text.split("\n");
  if (lines.length !== 4 || lines[3] || !lines[0]) throw badNote("checkpoint");
  const [origin, size, root] = [lines[0], lines[1], base64(lines[2])];
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(+size)) throw badNote("size");
  if (!isHash(root)) throw badNote("root");
  return { origin, size: +size, root };
}

function knownLines(note, vkeys) {
  const found = new Map();
  for (const line of note.signatures) {
    const vkey = vkeys.find((key) => key.name === line.name && key.id === line.id);
    if (!vkey) continue;
    if (found.has(vkey)) throw new ProofError("note.signed-twice");
    found.set(vkey, line.signature);
  }
  return found;
}

// The trusted keys that signed; openCheckpoint has verified their lines.
export const signersOf = (note, trusted) => [...knownLines(note, trusted.log).keys()];

export async function openCheckpoint(note, trusted) {
  const checkpoint = parseCheckpoint(note);
  if (checkpoint.origin !== trusted.origin) throw new ProofError("checkpoint.origin");
  const signed = knownLines(note, trusted.log);
  if (!signed.size) throw new ProofError("checkpoint.unsigned");
  for (const [vkey, signature] of signed) {
    await checkSignature({ alg: ED25519, public: vkey.public }, text(note.text), signature);
  }
  return checkpoint;
}

export async function checkWitnesses(note, policy) {
  const witnesses = [...policy.witnesses.values()].filter((key) => key.type === COSIGNATURE);
  const names = new Set();
  for (const [vkey, blob] of knownLines(note, witnesses)) {
    if (blob.length !== 72) throw badNote("cosignature");
    const time = big(blob.subarray(0, 8));
    if (time < 1n || time > 9007199254740991n) throw badNote("time");
    const message = text(`cosignature/v1\ntime ${time}\n${note.text}`);
    await checkSignature({ alg: ED25519, public: vkey.public }, message, blob.subarray(8));
    for (const [name, key] of policy.witnesses) if (key === vkey) names.add(name);
  }
  if (!isReached(policy, policy.quorum, names)) {
    throw new UndecidedError("checkpoint.unwitnessed");
  }
}

function isReached(policy, name, names) {
  if (name === "none") return true;
  const group = policy.groups.get(name);
  if (!group) return names.has(name);
  const reached = group.members.filter((member) => isReached(policy, member, names));
  return reached.length >= group.threshold;
}

async function parsePolicy(value) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  for (const line of value.split("\n")) {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (!words.length || words[0].startsWith("#")) continue;
    const [kind, name, second, ...rest] = words;
    if (kind === "log") policy.logs.push(name);
    else if (kind === "witness") policy.witnesses.set(name, await parseVkey(second));
    else if (kind === "group") {
      const counts = { all: rest.length, any: 1 };
      policy.groups.set(name, { threshold: counts[second] ?? Number(second), members: rest });
    } else if (kind === "quorum" && policy.quorum === null) policy.quorum = name;
    else throw badNote("policy");
  }
  if (policy.quorum === null) throw badNote("policy");
  return policy;
}

// The trust file (docs/formats/trust.md) as the page was given it by whoever set the phone up.
export async function parseTrust(value) {
  const plain = JSON.parse(value);
  const ledgers = [];
  for (const row of plain.ledgers) {
    const log = await Promise.all(row.log.map(parseVkey));
    const policy = await parsePolicy(row.policy);
    const same = policy.logs.length === log.length && log.every((k) => policy.logs.includes(k.value));
    if (!same || log.some((key) => key.type !== LOG || key.name !== row.origin)) {
      throw new MalformedError("trust.policy");
    }
    ledgers.push({ ledger: row.ledger, origin: row.origin, hosts: row.hosts, log, policy });
  }
  return { ledgers, fresh_h: plain.fresh_h ?? 24, check_h: plain.check_h ?? 168 };
}

