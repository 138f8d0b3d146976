// Cards, verified in this browser (docs/formats/card.md): the twin of ledger/verify/card.py. Nothing
// that the verifier should bring itself is taken from the file.

import { SYMBOLS, equal, hex, isBytes, isHash, isMap, isText, sha256, text } from "./bytes.js";
import { decode } from "./cbor.js";
import { MalformedError, ProofError, UndecidedError, VerifyError } from "./errors.js";
import { asText, checkForm, checkFounding } from "./founding.js";
import { judgeAbsent, judgeLot, readRecord, walk } from "./judge.js";
import { parseKey } from "./keys.js";
import { checkInclusion, checkStateProof, fold, leafHash, statePath } from "./log.js";
import { checkWitnesses, openCheckpoint, parseNote, signersOf } from "./note.js";
import { judgeDocument } from "./paper.js";
import { parseStatement, verifyStatement } from "./statement.js";

const CARD_SIZE_MAX = 8 << 20;
const DOCUMENT =
  /^[A-Z]{2}\/[A-Z][A-Z0-9-]{0,31}\/(?=.{1,60}$)[0-9A-Z._/()#+-]+(?: [0-9A-Z._/()#+-]+)*$/;
const badCard = (what) => new MalformedError(`card.${what}`);

// `data`: Uint8Array. `trust`: from parseTrust. `table`: verdict.json. `released`: rule sets and
// sets of tables that this page knows, and the terms of documents in months. `asked`: {code, document,
// mark, remembered: {size, root}}.
export async function checkCard(data, { trust, now, table, released, asked = {} }) {
  const checks = [];
  const step = async (name, make) => {
    try {
      const made = await make();
      checks.push({ name, outcome: "passed" });
      return made;
    } catch (error) {
      checks.push({ name, outcome: "failed" });
      throw error;
    }
  };
  try {
    const verdict = await judge(data, { trust, now, table, released, asked, step });
    return { outcome: "verified", ...verdict, checks };
  } catch (error) {
    // A browser without Ed25519 says so; what has a form that nobody foresaw is a damaged card.
    if (error.name === "NotSupportedError") throw error;
    const known = error instanceof VerifyError ? error : new MalformedError("card.form", error.message);
    return { ...failure(known, table), checks };
  }
}

function failure(error, table) {
  let [outcome, reason] = ["undecided", "file.unknown"];
  if (error instanceof ProofError) {
    outcome = "refuted";
    reason = error.code === "history.two" ? "history.two" : "proof.failed";
  } else if (error instanceof MalformedError) reason = "file.damaged";
  else if (["ledger.unknown", "rules.unknown", "checkpoint.unwitnessed"].includes(error.code)) {
    reason = error.code;
  }
  return { outcome, reason, level: table.reasons[reason].level, params: { why: error.message }, findings: [] };
}

async function judge(data, { trust, now, table, released, asked, step }) {
  const { head, kind, name, records } = await step("file.form", () => parseCard(data));
  const trusted = await step("ledger.trusted", () => {
    const found = trust.ledgers.find((one) => one.ledger === hex(head.ledger));
    if (!found) throw new UndecidedError("ledger.unknown");
    return found;
  });
  const { checkpoint, closing, own } = await openHead(head, { trusted, released, asked, step, table });
  await checkAsked(asked, { kind, name, step });
  const asOf = closing.get("at");
  const common = { asOf, now, freshness: trust, table };
  const base = { kind, name, ledger: head.ledger, asOf, age: now - asOf, ...checkpoint, own };
  const prove = (path, row, kind) => proveRecord(path, row, { root: closing.get("state"), kind, table });
  const supply = records.values();
  const next = () => {
    const { value, done } = supply.next();
    if (done) throw badCard("records");
    return value;
  };
  const nothingLeft = () => {
    if (!supply.next().done) throw badCard("records");
  };
  const path = await statePath(head.ledger, kind, name);
  const first = next();
  if (first.record === null) {
    const reason = await step(`${kind}.absent`, async () => {
      await prove(path, first);
      const isContainer =
        kind === "lot" &&
        (await prove(await statePath(head.ledger, "container", name), next(), "container"));
      nothingLeft();
      return isContainer ? "lot.container" : `${kind}.absent`;
    });
    return shown(base, judgeAbsent(reason, common), null);
  }
  const subject = await step(`${kind}.record`, () => prove(path, first, kind));
  const reached = await step("rests.records", async () => {
    const walked = await walk(subject, async (at) => {
      const proved = next();
      if (proved.record === null) throw new ProofError("card.record");
      return prove(at, proved);
    });
    nothingLeft();
    return walked;
  });
  await step("signers.in-force", () => checkSigners(reached, asOf));
  const isBehind = Boolean(asked.remembered && asked.remembered.size > checkpoint.size);
  const judged =
    kind === "lot"
      ? judgeLot(reached, { ...common, mark: asked.mark, isBehind })
      : judgeDocument(reached, { ...common, name, isBehind, months: released.months });
  return shown(base, judged, subject.plain);
}

// The record of a subject, or null where the proof says that there is none.
async function proveRecord(path, { record, proof }, { root, kind, table }) {
  const recordHash = record && (await sha256(record));
  await checkStateProof({ path, recordHash, proof, root });
  return record && readRecord(path, decode(record, { sizeMax: 1 << 24 }), { kind, table });
}

// No record says that a key signed where its party did not have it, or before it began.
function checkSigners(reached, asOf) {
  const parties = new Map(reached.map(({ record }) => [record.path, record]));
  for (const row of reached.flatMap(({ record }) => record.signers)) {
    const party = parties.get(row.path);
    const keys = party?.kind === "party" ? party.plain.get("keys") : [];
    const found = keys.find(([kid]) => hex(kid) === row.kid);
    if (!found) throw new ProofError("key.unknown");
    if (asOf < found[1].get("from_at") || !isInForce(found[1], row.last)) throw new ProofError("key.not-in-force");
  }
}

function isInForce(held, index) {
  const end = held.get("end");
  return held.get("first") <= index && (end === undefined || index < end);
}

const shown = (base, { code: reason, level, params, findings }, record) => ({
  ...base,
  reason,
  level,
  params,
  findings,
  record,
});

async function checkAsked(asked, { kind, name, step }) {
  const is = (other, value) => kind === other && name === value;
  const refuse = (check, code) =>
    step(check, () => {
      throw new ProofError(code);
    });
  if (asked.document && !is("document", asked.document)) {
    await refuse("document.asked", "document.other");
  }
  if (asked.code && !is("lot", asked.code)) await refuse("lot.asked", "lot.other");
  if (asked.mark && kind !== "lot") await refuse("lot.asked", "lot.other");
}

async function openHead(head, { trusted, released, asked, step, table }) {
  const note = await step("checkpoint.signed", async () => {
    const parsed = parseNote(head.checkpoint);
    return { parsed, checkpoint: await openCheckpoint(parsed, trusted) };
  });
  const { checkpoint } = note;
  await step("checkpoint.witnessed", () => checkWitnesses(note.parsed, trusted.policy));
  if (asked.remembered?.size === checkpoint.size) {
    await step("checkpoint.remembered", () => {
      if (!equal(asked.remembered.root, checkpoint.root)) {
        throw new ProofError("history.two");
      }
    });
  }
  const { size, root } = checkpoint;
  const statement = await step("closing.last", async () => {
    // What the log does not hold is not even read.
    const leaf = await leafHash(head.closing);
    await checkInclusion({ leaf, index: size - 1, size, path: head.path, expected: root });
    const parsed = await parseStatement(head.closing);
    if (parsed.type !== "BlockClosed") throw new ProofError("closing.type");
    const closing = parsed.plain;
    members(closing, CLOSING);
    if (parsed.sub !== parsed.party) throw badCard("sub");
    if (closing.get("first") + closing.get("count") + 1 !== size) {
      throw new ProofError("closing.last");
    }
    return parsed;
  });
  const closing = statement.plain;
  await step("closing.root", async () => {
    if (!equal(closing.get("root"), await fold([...head.path].reverse()))) {
      throw new ProofError("closing.root");
    }
  });
  const own = await step("ledger.record", async () => {
    if (head.own.record === null) throw badCard("own");
    const path = await statePath(head.ledger, "ledger", "");
    const { plain } = await proveRecord(path, head.own, { root: closing.get("state"), kind: "ledger", table });
    checkForm(plain);
    return plain;
  });
  const track = await step("ledger.included", () => openTrack(head.track, checkpoint));
  await step("ledger.founded", async () => {
    if (own.get("origin") !== trusted.origin) throw new ProofError("ledger.origin");
    const [n, tip] = [own.get("n"), own.get("track")];
    await checkFounding(track, { ledger: head.ledger, state: own, n, tip });
  });
  await step("closing.signed", () => checkClosing(statement, own, head.ledger, size));
  await step("checkpoint.key", () => {
    // A trust file may still have a key that another took the place of.
    const found = keyOf(own, "checkpoint", size - 1);
    const key = found && parseKey(found[1].get("key"));
    const signed = key && signersOf(note.parsed, trusted).some((one) => equal(one.public, key.public));
    if (!signed) throw new ProofError("checkpoint.key");
  });
  await step("rules.known", async () => {
    const tables = own.get("tables");
    // Enough of a hash to know a set of tables by: nothing is computed by it here.
    const told = hex(await sha256(text(asText(tables))));
    const isKnown = released.tables.some((one) => told.startsWith(one));
    if (!isKnown || !released.rules.includes(own.get("rules"))) throw new UndecidedError("rules.unknown");
  });
  return { checkpoint, closing, own };
}

async function openTrack(rows, { size, root }) {
  const track = [];
  let last = -1;
  for (const { index, statement, path } of rows) {
    const leaf = await leafHash(statement);
    await checkInclusion({ leaf, index, size, path, expected: root });
    if (index <= last) throw new ProofError("ledger.order");
    last = index;
    track.push({ ...(await parseStatement(statement)), index });
  }
  return track;
}

async function checkClosing(statement, own, ledger, size) {
  const found = keyOf(own, "closing", size - 1);
  if (!found || !equal(found[0], statement.kid)) throw new ProofError("closing.key");
  if (statement.party !== "registrar" || statement.aud !== hex(ledger)) {
    throw new ProofError("closing.headers");
  }
  if (statement.iat !== statement.plain.get("at")) throw new ProofError("closing.time");
  await verifyStatement(statement, parseKey(found[1].get("key")));
}

const keyOf = (own, purpose, index) =>
  own.get("keys").find(([, held]) => held.get("purpose") === purpose && isInForce(held, index));

async function parseCard(data) {
  const file = decode(data, { sizeMax: CARD_SIZE_MAX });
  if (!Array.isArray(file) || file.length !== 4) throw badCard("frame");
  const [kindOfFile, version, digest, body] = file;
  if (kindOfFile !== "ringmark.card") throw badCard("name");
  if (!(Number.isInteger(version) && version > 0) || !isBytes(digest) || !isBytes(body) || !equal(await sha256(body), digest)) throw badCard("hash");
  if (version !== 1) throw new UndecidedError("file.unknown");
  const plain = decode(body, { sizeMax: CARD_SIZE_MAX });
  const kind = isMap(plain) && plain.has("document") ? "document" : "lot";
  const member = kind === "lot" ? "code" : "document";
  const card = members(plain, { head: isMap, [member]: isText, records: isArray });
  const name = card[member];
  if (kind === "lot") checkCode(name);
  else if (!DOCUMENT.test(name)) throw badCard("document");
  const head = members(card.head, {
    ledger: isHash,
    checkpoint: isBytes,
    closing: isBytes,
    path: isPath,
    own: isMap,
    track: isArray,
  });
  head.own = proved(head.own);
  head.track = head.track.map((row) =>
    members(row, { index: Number.isSafeInteger, statement: isBytes, path: isPath }),
  );
  return { head, kind, name, records: card.records.map(proved) };
}

const isArray = Array.isArray;
const isPath = (value) => isArray(value) && value.every((node) => isBytes(node));
const isRefused = ([kid, seq, id, rule, ...more]) =>
  isBytes(kid) && Number.isInteger(seq) && isBytes(id) && isText(rule) && !more.length;
const CLOSING = {
  type: isText,
  v: Number.isInteger,
  height: Number.isInteger,
  at: Number.isInteger,
  first: Number.isInteger,
  count: Number.isInteger,
  root: isHash,
  last: isHash,
  state: isHash,
  refused: (value) => isArray(value) && value.every((row) => isArray(row) && isRefused(row)),
};

function members(value, shape) {
  const names = Object.keys(shape);
  if (!isMap(value) || value.size !== names.length) throw badCard("members");
  const found = {};
  for (const name of names) {
    found[name] = value.get(name);
    if (found[name] === undefined || !shape[name](found[name])) throw badCard(name);
  }
  return found;
}

function proved(value) {
  const has = isMap(value) && value.has("record");
  const { proof, record = null } = members(value, {
    proof: () => true,
    ...(has ? { record: isBytes } : {}),
  });
  return { proof, record };
}

function checkCode(code) {
  const digits = Array.from(code, (symbol) => SYMBOLS.indexOf(symbol));
  const sum = digits.slice(0, 10).reduce((p, x) => ((p + x) * 32) % 1021, 0);
  const check = digits[10] * 32 + digits[11];
  if (digits.length !== 12 || digits.includes(-1) || check > 1020 || (sum * 32 + check) % 1021 !== 1) {
    throw badCard("code");
  }
}
