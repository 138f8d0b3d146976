"""CBOR inputs by hand: what the profile takes, and one way or more to break each of its rules.

Read by generate_wire.py. Nothing here is computed by the product's codec.
"""

from __future__ import annotations

TAKEN: dict[str, tuple[str, object]] = {
    "zero": ("00", 0),
    "largest-in-the-head": ("17", 23),
    "one-byte": ("1818", 24),
    "two-bytes": ("190100", 256),
    "four-bytes": ("1a00010000", 65_536),
    "eight-bytes": ("1b0000000100000000", 2**32),
    "largest-integer": ("1b001fffffffffffff", 2**53 - 1),
    "minus-one": ("20", -1),
    "smallest-integer": ("3b001ffffffffffffe", -(2**53) + 1),
    "false": ("f4", False),
    "true": ("f5", True),
    "null": ("f6", None),
    "no-bytes": ("40", b""),
    "bytes": ("4401020304", b"\1\2\3\4"),
    "no-text": ("60", ""),
    "text-of-two-bytes": ("62c3bc", "ü"),
    "text-of-three-bytes": ("63e6b0b4", "水"),
    "text-of-four-bytes": ("64f0908591", "𐅑"),
    "text-not-composed": ("6365cc81", "e\u0301"),
    "text-with-joiner": ("63e2808d", "\u200d"),
    "text-with-soft-hyphen": ("62c2ad", "\u00ad"),
    "empty-array": ("80", []),
    "array-in-array": ("8301820203820405", [1, [2, 3], [4, 5]]),
    "array-of-25": ("9819" + "00" * 25, [0] * 25),
    "empty-map": ("a0", {}),
    "map-by-integers": ("a201020304", {1: 2, 3: 4}),
    "map-by-texts": ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    "map-integers-before-texts": ("a3010020006131f6", {1: 0, -1: 0, "1": None}),
    "map-bytewise-not-shortest-first": ("a21864002000", {100: 0, -1: 0}),
    "map-short-text-first": ("a261620062616100", {"b": 0, "aa": 0}),
    "map-key-proto": ("a1695f5f70726f746f5f5f00", {"__proto__": 0}),
    "statement-payload": (
        "a361760163736571016474797065674578616d706c65",
        {"v": 1, "seq": 1, "type": "Example"},
    ),
}

REFUSED: dict[str, tuple[str, str]] = {
    "nothing": ("", "cbor.truncated"),
    "two-items": ("0000", "cbor.trailing"),
    "trailing-after-map": ("a000", "cbor.trailing"),
    "integer-not-shortest-1": ("1817", "cbor.not-shortest"),
    "integer-not-shortest-2": ("1900ff", "cbor.not-shortest"),
    "integer-not-shortest-4": ("1a0000ffff", "cbor.not-shortest"),
    "integer-not-shortest-8": ("1b00000000ffffffff", "cbor.not-shortest"),
    "negative-not-shortest": ("3800", "cbor.not-shortest"),
    "bytes-length-not-shortest": ("580100", "cbor.not-shortest"),
    "text-length-not-shortest": ("780161", "cbor.not-shortest"),
    "array-count-not-shortest": ("980100", "cbor.not-shortest"),
    "map-count-not-shortest": ("b8010000", "cbor.not-shortest"),
    "integer-above": ("1b0020000000000000", "cbor.integer"),
    "integer-far-above": ("1bffffffffffffffff", "cbor.integer"),
    "integer-below": ("3b001fffffffffffff", "cbor.integer"),
    "integer-far-below": ("3bffffffffffffffff", "cbor.integer"),
    "indefinite-bytes": ("5f4101ff", "cbor.indefinite"),
    "indefinite-text": ("7f6161ff", "cbor.indefinite"),
    "indefinite-array": ("9f00ff", "cbor.indefinite"),
    "indefinite-map": ("bf0000ff", "cbor.indefinite"),
    "break-alone": ("ff", "cbor.indefinite"),
    "break-in-array": ("81ff", "cbor.indefinite"),
    "reserved-28": ("1c", "cbor.indefinite"),
    "reserved-29-bytes": ("5d", "cbor.indefinite"),
    "reserved-30-simple": ("fe", "cbor.indefinite"),
    "half-float": ("f93c00", "cbor.type"),
    "single-float": ("fa47c35000", "cbor.type"),
    "double-float": ("fb3ff199999999999a", "cbor.type"),
    "not-a-number": ("f97e00", "cbor.type"),
    "undefined": ("f7", "cbor.type"),
    "simple-16": ("f0", "cbor.type"),
    "simple-32": ("f820", "cbor.type"),
    "simple-false-in-two-bytes": ("f814", "cbor.type"),
    "tag-date": ("c11a514b67b0", "cbor.type"),
    "tag-bignum": ("c24105", "cbor.type"),
    "tag-18": ("d280", "cbor.type"),
    "tag-inside": ("81c100", "cbor.type"),
    "tag-shared": ("d81c81d81d00", "cbor.type"),
    "tag-set": ("d901028101", "cbor.type"),
    "tag-self-described": ("d9d9f700", "cbor.type"),
    "head-cut": ("19", "cbor.truncated"),
    "head-cut-in-the-middle": ("1903", "cbor.truncated"),
    "bytes-cut": ("420a", "cbor.truncated"),
    "bytes-claim-2-gigabytes": ("5a7fffffff", "cbor.truncated"),
    "bytes-claim-all": ("5bffffffffffffffff", "cbor.truncated"),
    "text-cut": ("6261", "cbor.truncated"),
    "array-cut": ("8200", "cbor.truncated"),
    "array-claims-too-many": ("9a7fffffff00", "cbor.truncated"),
    "array-claims-all": ("9bffffffffffffffff", "cbor.truncated"),
    "map-without-value": ("a100", "cbor.truncated"),
    "map-claims-too-many": ("a30000", "cbor.truncated"),
    "map-claims-all": ("bbffffffffffffffff", "cbor.truncated"),
    "utf8-lone-byte": ("61ff", "cbor.utf8"),
    "utf8-overlong": ("62c080", "cbor.utf8"),
    "utf8-surrogate": ("63eda080", "cbor.utf8"),
    "utf8-above": ("64f4908080", "cbor.utf8"),
    "utf8-cut": ("61c3", "cbor.utf8"),
    "text-null": ("6100", "text.forbidden"),
    "text-newline": ("610a", "text.forbidden"),
    "text-delete": ("617f", "text.forbidden"),
    "text-next-line": ("62c285", "text.forbidden"),
    "text-arabic-mark": ("62d89c", "text.forbidden"),
    "text-left-to-right": ("63e2808e", "text.forbidden"),
    "text-line-separator": ("63e280a8", "text.forbidden"),
    "text-override": ("63e280ae", "text.forbidden"),
    "text-isolate": ("63e281a6", "text.forbidden"),
    "text-byte-order-mark": ("63efbbbf", "text.forbidden"),
    "key-with-override": ("a163e280ae00", "text.forbidden"),
    "key-bytes": ("a14000", "cbor.key"),
    "key-true": ("a1f500", "cbor.key"),
    "key-null": ("a1f600", "cbor.key"),
    "key-array": ("a18000", "cbor.key"),
    "key-map": ("a1a000", "cbor.key"),
    "key-float": ("a1f93c0000", "cbor.type"),
    "keys-twice": ("a201000100", "cbor.order"),
    "texts-twice": ("a2616100616100", "cbor.order"),
    "keys-unsorted": ("a202000100", "cbor.order"),
    "keys-shortest-first": ("a22000186400", "cbor.order"),
    "texts-alphabetical": ("a262616100616200", "cbor.order"),
    "text-before-integer": ("a26161000100", "cbor.order"),
    "keys-unsorted-inside": ("81a202000100", "cbor.order"),
}

NESTED = 16
"""No item lies deeper than this; the outermost has depth 0."""

DEEP_TAKEN = {
    "array-at-16": "81" * 16 + "80",
    "integer-at-16": "81" * 16 + "00",
    "map-at-16": "a100" * 16 + "a0",
}
DEEP_REFUSED = {
    "array-at-17": "81" * 17 + "80",
    "integer-at-17": "81" * 17 + "00",
    "bytes-at-17": "a100" * 17 + "40",
    "nested-1000": "81" * 1_000 + "00",
}

NOT_WELL_FORMED = """
18 19 1a 1b 1901 1a0102 1b01020304050607 38 58 78 98 9a01ff00 b8 d8 f8 f900 fa0000 fb000000
41 61 5affffffff00 5bffffffffffffffff010203 7affffffff00 7b7fffffffffffffff010203
81 818181818181818181 8200 a1 a20102 a100 a2000000 c0 5f4100 7f6100
9f 9f0102 bf bf01020102 819f 9f8000 9f9f9f9f9fffffffff 9f819f819f9fffffff
1c 1d 1e 3c 3d 3e 5c 5d 5e 7c 7d 7e 9c 9d 9e bc bd be dc dd de fc fd fe
f800 f801 f818 f81f
5f00ff 5f21ff 5f6100ff 5f80ff 5fa0ff 5fc000ff 5fe0ff 7f4100ff 5f5f4100ffff 7f7f6100ffff
ff 81ff 8200ff a1ff a1ff00 a100ff a20000ff 9f81ff 9f829f819f9fffffffff bf00ff bf000000ff
1f 3f df
"""
"""RFC 8949, Appendix F.1: what no decoder may take."""
