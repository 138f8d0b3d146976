// The strict CBOR profile (docs/formats/cbor.md), head by head, and the few heads that are written.

import { big, join, text, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";

const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

class Reader {
  constructor(data, depthMax) {
    this.data = data;
    this.at = 0;
    this.depthMax = depthMax;
  }

  fail(what) {
    throw new MalformedError(`cbor.${what}`);
  }

  take(count) {
    if (count > this.data.length - this.at) this.fail("truncated");
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  head() {
    const [first] = this.take(1);
    const major = first >> 5;
    const info = first & 31;
    if (info < 24) return [major, info];
    if (info > 27) this.fail("indefinite");
    if (major === 7) this.fail("type");
    const size = 1 << (info - 24);
    // What numbers do not hold exactly is out of range, or a length that no input has.
    const value = Number(big(this.take(size)));
    if (major < 2 && value > Number.MAX_SAFE_INTEGER) this.fail("integer");
    if (value < (size === 1 ? 24 : 2 ** (4 * size))) this.fail("not-shortest");
    return [major, value];
  }

  item(depth) {
    if (depth > this.depthMax) this.fail("depth");
    const [major, value] = this.head();
    switch (major) {
      case 0:
        return value;
      case 1:
        if (value >= Number.MAX_SAFE_INTEGER) this.fail("integer");
        return -1 - value;
      case 2:
        return this.take(value).slice();
      case 3:
        return this.text(value);
      case 4:
        return this.array(value, depth);
      case 5:
        return this.map(value, depth);
      case 7:
        if (value === 20) return false;
        if (value === 21) return true;
        if (value === 22) return null;
    }
    return this.fail("type");
  }

  text(size) {
    const bytes = this.take(size);
    let value;
    try {
      value = utf8.decode(bytes);
    } catch {
      this.fail("utf8");
    }
    if (FORBIDDEN.test(value)) throw new MalformedError("text.forbidden");
    return value;
  }

  array(count, depth) {
    if (count > this.data.length - this.at) this.fail("truncated");
    const items = [];
    for (let i = 0; i < count; i++) items.push(this.item(depth + 1));
    return items;
  }

  map(count, depth) {
    if (2 * count > this.data.length - this.at) this.fail("truncated");
    const items = new Map();
    let last = null;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.item(depth + 1);
      if (typeof key !== "number" && typeof key !== "string") this.fail("key");
      const encoded = this.data.subarray(start, this.at);
      if (last !== null && compare(last, encoded) >= 0) this.fail("order");
      last = encoded;
      items.set(key, this.item(depth + 1));
    }
    return items;
  }
}

function compare(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

// Decode one item: numbers, strings, Uint8Array, arrays, Map, booleans, null.
export function decode(data, { sizeMax = 65536, depthMax = 16 } = {}) {
  if (data.length > sizeMax) throw new MalformedError("cbor.size");
  const reader = new Reader(data, depthMax);
  const value = reader.item(0);
  if (reader.at !== data.length) reader.fail("trailing");
  return value;
}

function head(major, value) {
  const first = major << 5;
  if (value < 24) return Uint8Array.of(first | value);
  if (value < 256) return Uint8Array.of(first | 24, value);
  if (value < 65536) return Uint8Array.of(first | 25, value >> 8, value & 255);
  return Uint8Array.of(first | 26, value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);
}

export const byteString = (bytes) => join(head(2, bytes.length), bytes);
export const textString = (value) => join(head(3, text(value).length), text(value));
export const arrayOf = (...items) => join(head(4, items.length), ...items);
