// Statements: a tagged COSE_Sign1 taken apart, its id, its signature (docs/formats/statement.md).

import { equal, hex, isBytes, isHash, isMap, sha256 } from "./bytes.js";
import { arrayOf, byteString, decode, textString } from "./cbor.js";
import { MalformedError, ProofError, UndecidedError } from "./errors.js";
import { ED25519, ESP256, checkSignature, thumbprint } from "./keys.js";

const STATEMENT_SIZE_MAX = 61440;
const CONTENT_TYPE = "application/vnd.ringmark.event+cbor";
const badStatement = (what) => new MalformedError(`statement.${what}`);
const exactly = (map, ...names) =>
  isMap(map) && map.size === names.length && names.every((name) => map.has(name));

export async function parseStatement(raw) {
  if (!isBytes(raw) || raw.length > STATEMENT_SIZE_MAX || raw[0] !== 0xd2) throw badStatement("form");
  const parts = decode(raw.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw badStatement("form");
  const [protectedHeader, unprotected, payload, signature] = parts;
  if (!isBytes(protectedHeader) || !isBytes(payload) || !isBytes(signature)) throw badStatement("form");
  if (!(isMap(unprotected)) || unprotected.size) throw badStatement("unprotected");
  const headers = decode(protectedHeader);
  if (!exactly(headers, 1, 3, 4, 15) || headers.get(3) !== CONTENT_TYPE) throw badStatement("headers");
  const claims = headers.get(15);
  if (!exactly(claims, 1, 2, 3, 6) || !isHash(headers.get(4))) throw badStatement("claims");
  const [party, sub, aud, iat] = [1, 2, 3, 6].map((name) => claims.get(name));
  if (![party, sub, aud].every((claim) => typeof claim === "string")) throw badStatement("claims");
  if (!Number.isInteger(iat) || iat < 0 || !/^[a-z0-9-]{2,32}$/.test(party)) throw badStatement("claims");
  if (![ED25519, ESP256].includes(headers.get(1))) throw badStatement("alg");
  const plain = decode(payload);
  if (!(isMap(plain)) || typeof plain.get("type") !== "string") throw badStatement("type");
  if (!Number.isInteger(plain.get("v"))) throw badStatement("v");
  if (plain.get("v") !== 1) throw new UndecidedError("statement.unknown-type");
  const message = arrayOf(
    textString("Signature1"),
    byteString(protectedHeader),
    byteString(new Uint8Array()),
    byteString(payload),
  );
  return {
    raw,
    payload,
    plain,
    message,
    signature,
    type: plain.get("type"),
    id: await sha256(message),
    alg: headers.get(1),
    kid: headers.get(4),
    party,
    sub,
    aud,
    iat,
  };
}

export async function verifyStatement(statement, key) {
  if (!equal(await thumbprint(key), statement.kid)) throw new ProofError("signature.kid");
  if (statement.alg !== key.alg) throw new ProofError("signature.alg");
  await checkSignature(key, statement.message, statement.signature);
}

export const idOf = (statement) => hex(statement.id);
