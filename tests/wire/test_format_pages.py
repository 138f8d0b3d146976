"""The bytes on the format pages are the bytes of the vectors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ledger import keys
from ledger.errors import MalformedError, ProofError
from ledger.wire import cbor, note, text

PAGES = {
    "cbor": lambda wire, _: bytes.fromhex("a261760163736571" + "02"),
    "statement": lambda wire, _: bytes.fromhex(wire["statements"]["taken"][0]["raw"]),
    "cose-keys": lambda wire, _: bytes.fromhex(wire["keys"]["taken"][0]["cose_key"]),
    "key-proof": lambda wire, _: bytes.fromhex(wire["proofs"]["taken"]),
    "label": lambda _, labels: bytes.fromhex(labels["labels"]["taken"][0]["cose"]),
    "framed-file": lambda _, labels: bytes.fromhex(labels["frames"]["hex"]),
    "key-file": lambda wire, _: bytes.fromhex(wire["key_file"]["hex"]),
}
HEX = re.compile(r"(?:[0-9a-f]{2})+")


@pytest.fixture
def page(project_root: Path) -> Any:
    return lambda name: (project_root / "docs" / "formats" / f"{name}.md").read_text("utf-8")


def hex_example(page: str) -> bytes:
    (block,) = re.findall(r"```hex\n(.*?)```", page, re.DOTALL)
    found = []
    for line in block.splitlines():
        for word in line.split():
            if HEX.fullmatch(word) is None:
                break
            found.append(word)
    return bytes.fromhex("".join(found))


@pytest.mark.parametrize("name", PAGES)
def test_the_example_of_a_page_is_the_vector(
    page: Any, wire_vectors: Any, label_vectors: Any, name: str
) -> None:
    assert hex_example(page(name)) == PAGES[name](wire_vectors, label_vectors)


def test_ids_and_links_on_the_pages(page: Any, wire_vectors: Any, label_vectors: Any) -> None:
    assert wire_vectors["statements"]["taken"][0]["id"] in page("statement")
    assert wire_vectors["keys"]["taken"][0]["kid"] in page("cose-keys")
    assert label_vectors["labels"]["taken"][0]["url"] in page("label")
    assert label_vectors["notes"]["vkey"] in page("signed-note")
    assert label_vectors["notes"]["note"] in page("signed-note")


def test_points_on_the_policy_page_are_all_refused(page: Any) -> None:
    pattern = r"^([0-9a-f]{64})   and with last byte ([0-9a-f]{2})$"
    rows = re.findall(pattern, page("signature-policy"), re.MULTILINE)
    points = {point for first, last in rows for point in (first, first[:-2] + last)}
    assert len(points) == 14
    for point in points:
        with pytest.raises(ProofError) as caught:
            keys.check_public_key(alg=keys.ED25519, public_key=bytes.fromhex(point))
        assert caught.value.code in ("signature.low-order", "signature.encoding")


def test_codes_of_the_cbor_page_are_those_that_are_raised(page: Any, wire_vectors: Any) -> None:
    named = set(re.findall(r"`((?:cbor|text)\.[a-z0-9-]+)`", page("cbor")))
    raised = {row["code"] for row in wire_vectors["cbor"]["refused"]}
    with pytest.raises(MalformedError) as caught:
        cbor.decode(bytes(2), size_max=1)
    assert named == raised | {caught.value.code, "cbor.malformed"}


def test_typed_codes_on_the_page(page: Any) -> None:
    whole = page("lot-code")
    for typed in ("51pb 1x9s fp3j", "51PBLX9SFP3J"):
        assert f"`{typed}`" in whole
        assert text.format_code(text.parse_code(typed)) == "51PB-1X9S-FP3J"


def test_the_note_on_the_page_parses(page: Any) -> None:
    block = re.findall(r"```text\n(This is.*?)```", page("signed-note"), re.DOTALL)[0]
    assert note.parse_note(block.encode()).text == "This is an example message.\n"
