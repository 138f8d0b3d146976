// The signature policy (docs/formats/signature-policy.md) before the engine, COSE keys, thumbprints.

import { big, isHash, isMap, join, sha256 } from "./bytes.js";
import { byteString } from "./cbor.js";
import { MalformedError, ProofError } from "./errors.js";

export const ED25519 = -19;
export const ESP256 = -9;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
// y of the eight points of low order, whose signs differ: encodings without their uppermost bit.
const LOW_ORDER = [
  0n,
  1n,
  P - 1n,
  0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];
const little = (bytes) => big(bytes.slice().reverse());
const wrong = (code) => new ProofError(`signature.${code}`);

// A COSE_Key as decoded: exactly the members that its thumbprint hashes.
export function parseKey(value) {
  if (isMap(value)) {
    const [kty, crv, x, y] = [1, -1, -2, -3].map((name) => value.get(name));
    if (kty === 1 && crv === 6 && isHash(x) && value.size === 3) {
      return { alg: ED25519, public: x };
    }
    if (kty === 2 && crv === 1 && isHash(x) && isHash(y) && value.size === 4) {
      return { alg: ESP256, public: join(x, y) };
    }
  }
  throw new MalformedError("cose.key");
}

export async function thumbprint(key) {
  const x = byteString(key.public.subarray(0, 32));
  if (key.alg === ED25519) return sha256(Uint8Array.of(0xa3, 1, 1, 0x20, 6, 0x21), x);
  const y = byteString(key.public.subarray(32));
  return sha256(Uint8Array.of(0xa4, 1, 2, 0x20, 1, 0x21), x, Uint8Array.of(0x22), y);
}

export async function checkSignature(key, message, signature) {
  if (signature.length !== 64) throw wrong("length");
  await (key.alg === ED25519 ? ed25519 : esp256)(key.public, message, signature);
}

async function ed25519(publicKey, message, signature) {
  const half = signature.subarray(0, 32);
  if (little(signature.subarray(32)) >= L) throw wrong("range");
  for (const point of [half, publicKey]) {
    if (point.length !== 32) throw wrong("key");
    const y = little(point) & ((1n << 255n) - 1n);
    if (y >= P) throw wrong("encoding");
    if (LOW_ORDER.includes(y)) throw wrong("low-order");
  }
  await engine({ name: "Ed25519" }, publicKey, { name: "Ed25519" }, message, signature);
}

async function esp256(publicKey, message, signature) {
  const [r, s] = [big(signature.subarray(0, 32)), big(signature.subarray(32))];
  if (r < 1n || r >= N || s < 1n || s >= N) throw wrong("range");
  if (s > N / 2n) throw wrong("high-s");
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const how = { name: "ECDSA", hash: "SHA-256" };
  await engine(curve, join(Uint8Array.of(4), publicKey), how, message, signature);
}

async function engine(algorithm, publicKey, how, message, signature) {
  let holds = false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, algorithm, false, ["verify"]);
    holds = await crypto.subtle.verify(how, key, signature, message);
  } catch (error) {
    if (error.name === "NotSupportedError") throw error;
  }
  if (!holds) throw wrong("wrong");
}
