// From the ledger id to the keys of root and registrar (docs/formats/card.md, step 7).

import { equal, hex, isBytes, isHash, isMap, isText, sha256 } from "./bytes.js";
import { MalformedError, ProofError } from "./errors.js";
import { parseKey, thumbprint } from "./keys.js";
import { idOf, verifyStatement } from "./statement.js";

const no = (code) => new ProofError(`ledger.${code}`);

export async function trackOf(ids) {
  let track = new Uint8Array(32);
  for (const id of ids) track = await sha256(Uint8Array.of(4), track, id);
  return track;
}

async function keysByKid(values) {
  const keys = new Map();
  for (const value of values) {
    const key = parseKey(value);
    keys.set(hex(await thumbprint(key)), { ...key, plain: value });
  }
  return keys;
}

// Raise unless `track` is whole and ends in what the record says; `state` is the open record.
export async function checkFounding(track, { ledger, state, n, tip }) {
  const ids = track.map((statement) => statement.id);
  if (ids.length !== n || !equal(await trackOf(ids), tip)) throw no("track");
  if (!track.length || track[0].index !== 0) throw no("founding");
  const said = await founded(track[0], ledger);
  for (const statement of track.slice(1)) await step(said, statement, ledger);
  checkSame(said, state);
}

async function founded(statement, ledger) {
  const plain = statement.plain;
  if (statement.type !== "LedgerFounded" || !equal(await sha256(statement.payload), ledger)) {
    throw no("founding");
  }
  const roots = plain.get("root");
  if (statement.aud || statement.party !== "root" || !roots.length) throw no("founding");
  await verifyStatement(statement, parseKey(roots[0]));
  const registrar = new Map();
  for (const purpose of ["closing", "checkpoint", "receipt", "label"]) {
    for (const [kid, key] of await keysByKid([plain.get("keys").get(purpose)])) {
      registrar.set(kid, { purpose, key, first: 0 });
    }
  }
  const root = await keysByKid(roots);
  return {
    root,
    ever: new Set([...root.keys(), ...registrar.keys()]),
    threshold: plain.get("threshold"),
    rules: plain.get("rules"),
    tables: plain.get("tables"),
    registrar,
    proposals: new Map(),
    approvals: new Map(),
  };
}

async function step(said, statement, ledger) {
  if (statement.aud !== hex(ledger)) throw no("track");
  if (statement.party !== "root") return;
  let target = statement;
  if (statement.type === "ApprovalGiven") {
    const proposal = said.proposals.get(hex(statement.plain.get("of")));
    if (!proposal) return verifyRoot(said, statement, new Map());
    target = proposal;
  } else {
    said.proposals.set(idOf(statement), statement);
  }
  const fresh = target.type === "RootChanged" ? await keysByKid(target.plain.get("root")) : new Map();
  await verifyRoot(said, statement, fresh);
  const given = said.approvals.get(idOf(target)) ?? new Set();
  given.add(hex(statement.kid));
  said.approvals.set(idOf(target), given);
  const count = (keys) => [...given].filter((kid) => keys.has(kid)).length;
  if (count(said.root) < said.threshold) return;
  if (target.type === "RootChanged" && count(fresh) < target.plain.get("threshold")) return;
  await apply(said, target, { fresh, start: statement.index + 1 });
  said.proposals.delete(idOf(target));
}

async function verifyRoot(said, statement, fresh) {
  const key = said.root.get(hex(statement.kid)) ?? fresh.get(hex(statement.kid));
  if (!key) throw no("root-key");
  await verifyStatement(statement, key);
}

async function apply(said, target, { fresh, start }) {
  const plain = target.plain;
  // No key of root or registrar comes into force twice: its time is one.
  const begin = (kid) => {
    if (said.ever.has(kid)) throw no("key-twice");
    said.ever.add(kid);
  };
  if (target.type === "RootChanged") {
    for (const kid of fresh.keys()) if (!said.root.has(kid)) begin(kid);
    said.root = fresh;
    said.threshold = plain.get("threshold");
  } else if (target.type === "RegistrarKeyChanged") {
    const purpose = plain.get("purpose");
    for (const held of said.registrar.values()) {
      if (held.purpose === purpose && held.end === undefined) held.end = start;
    }
    for (const [kid, key] of await keysByKid([plain.get("key")])) {
      begin(kid);
      said.registrar.set(kid, { purpose, key, first: start });
    }
  } else if (target.type === "RuleSetAdopted") {
    said.rules = plain.get("rules");
    said.tables = plain.get("tables");
  }
}

function checkSame(said, state) {
  const key = ({ plain }) => asText(plain);
  const own = ({ purpose, first, end, ...held }) => [purpose, key(held.key), first, end];
  const stated = (held) => own({ ...Object.fromEntries(held), key: { plain: held.get("key") } });
  const byKid = (rows, plain) => JSON.stringify([...rows].map(([kid, value]) => [kid, plain(value)]).sort());
  const inRecord = (name) => state.get(name).map(([kid, value]) => [hex(kid), value]);
  if (
    byKid(said.registrar, own) !== byKid(inRecord("keys"), stated) ||
    byKid(said.root, key) !== byKid(inRecord("root"), asText) ||
    asText(said.tables) !== asText(state.get("tables")) ||
    said.threshold !== state.get("threshold") ||
    said.rules !== state.get("rules")
  ) {
    throw no("record");
  }
}

// As JSON: no name and no text in it reads as two of them.
export const asText = (map) => JSON.stringify([...map].map(([name, value]) => [name, isBytes(value) ? hex(value) : value]));

// Raise unless the ledger's own record has the form of one, in all that this browser reads of it.
export function checkForm(plain) {
  const tables = plain.get("tables");
  const isForm =
    isText(plain.get("origin")) &&
    isText(plain.get("rules")) &&
    isInt(plain.get("threshold")) &&
    isMap(tables) &&
    [...tables].every(([name, hash]) => isText(name) && isBytes(hash)) &&
    isByKid(plain.get("root"), isKey) &&
    isByKid(plain.get("keys"), isHeld);
  if (!isForm) throw new MalformedError("record.form");
}

const isInt = Number.isInteger;
const maybe = (is) => (value) => value === undefined || is(value);
const isOf = (shape) => (value) =>
  isMap(value) &&
  [...value.keys()].every((name) => shape.has(name)) &&
  [...shape].every(([name, is]) => is(value.get(name)));
const isKey = isOf(new Map([[1, isInt], [-1, isInt], [-2, isHash], [-3, maybe(isHash)]]));
const isHeld = isOf(
  new Map([
    ["purpose", isText],
    ["key", isKey],
    ["first", isInt],
    ["end", maybe(isInt)],
    ["ended_at", maybe(isInt)],
  ]),
);
// Byte strings are no keys of a map here: pairs, in the order of their bytes, stand in its place.
const isByKid = (rows, is) =>
  Array.isArray(rows) &&
  rows.every((row, i) => {
    const [kid, value, ...more] = Array.isArray(row) ? row : [];
    return isBytes(kid) && !more.length && is(value) && (i === 0 || hex(rows[i - 1][0]) < hex(kid));
  });
