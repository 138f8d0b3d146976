// Bytes: hex, base64 in its one form, joins, equality, SHA-256.

import { MalformedError } from "./errors.js";

const encoder = new TextEncoder();
// Raises for what is no UTF-8.
export const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// The symbols of codes (notes on labels: Crockford base32), each at its value.
export const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const text = (value) => encoder.encode(value);
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
export const isBytes = (value, size) =>
  value instanceof Uint8Array && (size === undefined || value.length === size);
export const isText = (value) => typeof value === "string";
export const isMap = (value) => value instanceof Map;
export const isCount = (value) => Number.isInteger(value) && value >= 0;
export const isHash = (value) => isBytes(value, 32);

export function unhex(value) {
  if (typeof value !== "string" || !/^([0-9a-f]{2})*$/.test(value)) {
    throw new MalformedError("text.hex");
  }
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function base64(value) {
  let binary;
  try {
    binary = atob(value);
  } catch {
    throw new MalformedError("text.base64");
  }
  if (btoa(binary) !== value) throw new MalformedError("text.base64");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

export function big(bytes) {
  return bytes.length ? BigInt("0x" + hex(bytes)) : 0n;
}
