"""Records, trust files, remembered files and disclosures of a wrong form, each refused by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.custody.subjects import Kind, Subject
from ledger.desk.disclosures import check_disclosure, parse_disclosure
from ledger.errors import MalformedError, ProofError
from ledger.records import decode_record, open_part
from ledger.trust import parse_trust
from ledger.verify.report import parse_remembered
from ledger.wire import cbor


@pytest.fixture(scope="module")
def lot(project_root) -> dict[str, Any]:
    path = project_root / "tests" / "vectors" / "blocks.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["records"]
    row = next(row for row in rows if row["kind"] == "lot")
    return {name: bytes.fromhex(row[name]) for name in ("record", "inner", "first")}


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises((MalformedError, ProofError)) as caught:
        act()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": 2}, "record.version"),
        ({"findings": None}, "record.version"),
        ({"n": -1}, "record.track"),
        ({"n": True}, "record.track"),
        ({"track": bytes(31)}, "record.track"),
    ],
)
def test_a_record_shows_its_fixed_members(lot, change, code) -> None:
    plain = {**cbor.decode(lot["record"]), **change}
    refused(code, lambda: open_part(cbor.encode(plain)))
    refused("record.record", lambda: open_part(cbor.encode([])))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": 2}, "record.version"),
        ({"inner": bytes(32)}, "record.inner"),
        ({"findings": [["rule", "stop"]]}, "record.findings"),
        ({"findings": [["rule", "shout", 0, bytes(32), []]]}, "record.findings"),
        ({"findings": [["rule", "stop", 0, bytes(31), []]]}, "record.findings"),
        ({"findings": [["rule", "stop", 0, bytes(32), [bytes(31), 1]]]}, "record.findings"),
        ({"findings": [["rule", "stop", 0, bytes(32), [bytes(32), -1]]]}, "record.findings"),
        ({"findings": [["rule", "stop", 0, bytes(32), [7]]]}, "record.findings"),
        ({"findings": [["rule", "stop", 0, bytes(32), [], [0, 1]]]}, "record.findings"),
    ],
)
def test_a_record_is_decoded_only_in_its_form(lot, change, code) -> None:
    plain = {**cbor.decode(lot["record"]), **change}
    subject = Subject(Kind.LOT, "GKB7R0H81XS3")
    inner, first = lot["inner"], lot["first"]
    decode_record(subject, record=lot["record"], inner=inner, first=first)
    raw = cbor.encode(plain)
    refused(code, lambda: decode_record(subject, record=raw, inner=inner, first=first))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b" " * (5 << 20), "trust.size"),
        (b"[]", "trust.shape"),
        (b'{"ledgers": {}}', "trust.type"),
        (b'{"ledgers": [7]}', "trust.shape"),
    ],
)
def test_a_trust_file_has_one_form(data, code) -> None:
    refused(code, lambda: parse_trust(data))


@pytest.mark.parametrize(
    "plain",
    [[], {}, {"ledger": "00", "size": 0, "root": "00"}, {"ledger": 1, "size": 1, "root": "00"}],
)
def test_a_remembered_checkpoint_has_one_form(plain) -> None:
    refused("remembered.shape", lambda: parse_remembered(json.dumps(plain)))


@pytest.mark.parametrize(
    "plain",
    [{}, [bytes(16), "a"], [bytes(15), "a", 1], [bytes(16), 1, 1], [bytes(16), "a", True]],
)
def test_a_disclosure_has_one_form(plain) -> None:
    refused("disclosure.form", lambda: parse_disclosure(cbor.encode(plain)))


def test_a_disclosure_of_another_statement_is_refused() -> None:
    data = cbor.encode([bytes(16), "lots/x/price", 7])
    digest = hashlib.sha256(data).digest()
    assert check_disclosure(data, hidden=(digest,)).value == 7
    refused("disclosure.other", lambda: check_disclosure(data, hidden=(bytes(32),)))
