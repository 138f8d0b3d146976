// Printed labels, judged beside a card that was proved (docs/formats/label.md): the twin of
// ledger/verify/label.py and document_label.py. A phone has no tables: it is told their numbers.

import { SYMBOLS, equal, hex, isBytes, isCount, isText, join, text, unhex } from "./bytes.js";
import { arrayOf, byteString, decode, textString } from "./cbor.js";
import { MalformedError, ProofError, UndecidedError } from "./errors.js";
import { checkSignature, parseKey } from "./keys.js";
import { lastDay } from "./paper.js";

const CONTEXT = { lot: "ringmark.label.1", document: "ringmark.document.1" };
const LABEL_SIZES = { lot: 200, document: 322 };
const DAY_MS = 86400000;
const badLabel = (what) => new MalformedError(`label.${what}`);

// What is wrong with the label whose digits stand behind the # of its link; nothing where it holds.
// `proved` is what checkCard gave for a lot or document that is there; `rows` are those of the document
// by the numbers of the tables: taxon, term, source, quantity, unit.
export async function judgeLabel(fragment, proved, { months, rows = [] }) {
  try {
    const payload = decode(await openLabel(fragment, proved), { sizeMax: LABEL_SIZES[proved.kind] });
    if (!Array.isArray(payload)) throw badLabel("payload");
    return proved.kind === "lot" ? ofLot(payload, proved) : ofDocument(payload, proved, { months, told: rows });
  } catch (error) {
    if (error instanceof MalformedError) return "label.malformed";
    if (!(error instanceof ProofError)) throw error;
    return error.code.startsWith("label.") ? error.code : "label.altered";
  }
}

async function openLabel(fragment, { kind, ledger, own, record }) {
  const parts = decode(bytesOf(fragment), { sizeMax: LABEL_SIZES[kind] });
  if (!Array.isArray(parts) || parts.length !== 4) throw badLabel("form");
  const [protectedHeader, unprotected, payload, signature] = parts;
  if (![protectedHeader, payload, signature].every((part) => isBytes(part))) throw badLabel("form");
  if (!(unprotected instanceof Map) || unprotected.size) throw badLabel("unprotected");
  const headers = decode(protectedHeader, { sizeMax: 64 });
  if (!(headers instanceof Map) || headers.size !== 2) throw badLabel("headers");
  const [alg, short] = [headers.get(1), headers.get(4)];
  if (!Number.isInteger(alg) || !isBytes(short, 8)) throw badLabel("headers");
  const found = own
    .get("keys")
    .filter(([kid, held]) => held.get("purpose") === "label" && hex(kid).startsWith(hex(short)));
  if (found.length !== 1) throw new ProofError("label.unknown-key");
  const key = parseKey(found[0][1].get("key"));
  if (key.alg !== alg) throw new ProofError("label.altered");
  const aad = byteString(join(text(CONTEXT[kind]), ledger));
  const message = arrayOf(
    textString("Signature1"),
    byteString(protectedHeader),
    aad,
    byteString(payload),
  );
  await checkSignature(key, message, signature);
  // A label says no time of signing. What entered after its key had ended never had one of it.
  const [since, ended] = [record.get("born_at") ?? record.get("entered_at"), found[0][1].get("ended_at")];
  if (ended !== undefined && since > ended) throw new ProofError("label.key-ended");
  return payload;
}

function bytesOf(fragment) {
  if (!/^1[0-9]{19,2999}$/.test(fragment)) throw badLabel("digits");
  const number = BigInt(fragment.slice(1));
  const digits = number.toString(16);
  const [first, ...rest] = unhex(digits.padStart(digits.length + (digits.length % 2), "0"));
  if (String(number) !== fragment.slice(1) || first !== 1) throw badLabel("digits");
  return Uint8Array.from(rest);
}

function ofLot(payload, { name, record }) {
  const [code, number, birth, ...rest] = payload;
  const isWhole =
    (payload.length === 10 && isText(rest[6]) && rest[6]) ||
    (payload.length === 11 && isText(rest[6]) && /^([A-Z]{2})?$/.test(rest[6]) && isCount(rest[7]));
  if (!isWhole || ![code, number, ...rest.slice(0, 6)].every(isCount) || !isBytes(birth, 16)) {
    throw badLabel("payload");
  }
  const own = Array.from(name.slice(0, 10)).reduce((sum, c) => sum * 32 + SYMBOLS.indexOf(c), 0);
  if (code !== own) return "label.other-lot";
  const isSame = number === record.get("number") && equal(birth, record.get("birth"));
  return isSame ? "" : "label.differs";
}

function ofDocument([name, statement, until, rows, ...more], proved, { months, told }) {
  const isRow = (row) => Array.isArray(row) && row.length === 5 && row.every(isCount);
  if (!isText(name) || !name || !isBytes(statement, 16) || more.length) throw badLabel("payload");
  if (!(until === null || isCount(until)) || !Array.isArray(rows) || !rows.every(isRow)) {
    throw badLabel("payload");
  }
  if (name !== proved.name) return "label.other-lot";
  const last = lastDay(proved.record, name, months);
  const day = last === undefined ? null : Date.parse(last) / DAY_MS;
  const said = rows.map((row) => row[3]);
  const proven = (proved.record.get("rows") ?? []).map((row) => row.get("quantity"));
  if (until !== day || `${said}` !== `${proven}`) return "label.differs";
  // Numbers that were told of other rows than the proved ones say nothing of this label.
  if (`${told.map((row) => row[3])}` !== `${proven}`) throw new UndecidedError("label.untold");
  return `${rows}` === `${told}` ? "" : "label.differs";
}
