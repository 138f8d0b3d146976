"""Reading tokens: as the vectors say, and as their page shows one."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedError, ProofError
from ledger.token import check_token, parse_token
from ledger.wire import cbor, cose, text

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
TOKENS: dict[str, Any] = json.loads((VECTORS / "tokens.json").read_text(encoding="utf-8"))
HEX = re.compile(r"(?:[0-9a-f]{2})+")


def check(value: str, key: str, **changes: Any) -> None:
    known = {
        "ledger": bytes.fromhex(TOKENS["ledger"]),
        "hosts": {TOKENS["host"]},
        "now_s": TOKENS["now_s"],
    }
    held = cose.parse_cose_key(cbor.decode(bytes.fromhex(key)))
    check_token(parse_token(value), held, **{**known, **changes})


def test_the_file_is_what_its_generator_writes() -> None:
    place = VECTORS / "generate_tokens.py"
    spec = importlib.util.spec_from_file_location("generate_tokens", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.generate() == (VECTORS / "tokens.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", TOKENS["taken"], ids=lambda row: str(row["iat"]))
def test_a_token_is_taken_at_its_time(row: dict[str, Any]) -> None:
    check(row["token"], row["cose_key"])
    token = parse_token(row["token"])
    assert (token.party, token.host, token.iat) == (TOKENS["party"], TOKENS["host"], row["iat"])


@pytest.mark.parametrize("row", TOKENS["malformed"], ids=lambda row: row["case"])
def test_what_is_no_token_is_malformed(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_token(row["token"])
    assert caught.value.code == "token.form"


@pytest.mark.parametrize("row", TOKENS["untrue"], ids=lambda row: row["case"])
def test_what_is_not_true_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ProofError) as caught:
        check(row["token"], TOKENS["taken"][0]["cose_key"])
    assert caught.value.code == row["code"]


def test_every_flipped_bit_is_refused() -> None:
    good = bytes.fromhex(TOKENS["hex"])
    for place in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[place // 8] ^= 1 << place % 8
        value = f"Ringmark {text.encode_base64url(bytes(flipped))}"
        with pytest.raises((MalformedError, ProofError)):
            check(value, TOKENS["taken"][0]["cose_key"])


def test_the_example_of_the_page_is_the_vector(project_root: Path) -> None:
    page = (project_root / "docs" / "formats" / "reading-token.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```hex\n(.*?)```", page, re.DOTALL)
    found = []
    for line in block.splitlines():
        for word in line.split():
            if HEX.fullmatch(word) is None:
                break
            found.append(word)
    assert "".join(found) == TOKENS["hex"]
    assert (
        f"Ringmark {text.encode_base64url(bytes.fromhex(TOKENS['hex']))}"
        == (TOKENS["taken"][0]["token"])
    )
