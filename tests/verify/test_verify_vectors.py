"""The vectors that Python and the browser share: regenerated, and each verdict reached again."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path

import pytest

from ledger.reference.tables import load_tables
from ledger.trust import parse_trust
from ledger.verify.checks import Remembered
from ledger.verify.document_label import check_document_label
from ledger.verify.file import verify_bytes
from ledger.verify.head import Asked
from ledger.verify.label import check_label
from ledger.verify.verdict import Outcome, verdict_json
from ledger.wire.label import parse_label_url

FOLDER = Path(__file__).resolve().parent.parent / "vectors"
DOCUMENT = json.loads((FOLDER / "verify.json").read_text(encoding="utf-8"))


def test_the_file_is_what_its_generator_writes():
    spec = importlib.util.spec_from_file_location("generate_verify", FOLDER / "generate_verify.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.generate() == (FOLDER / "verify.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"].replace(" ", "-"))
def test_each_verdict_is_reached(case):
    size_and_root = case["remembered"]
    remembered = (
        Remembered(size_and_root[0], bytes.fromhex(size_and_root[1])) if size_and_root else None
    )
    verdict = verify_bytes(
        base64.b64decode(DOCUMENT["cards"][case["card"]]),
        trust=parse_trust(DOCUMENT["trusts"][case["trust"]]),
        now_s=case["now_s"],
        asked=Asked(
            code=case["code"],
            mark=case["mark"],
            remembered=remembered,
            document=case["document"],
        ),
    )
    plain = verdict_json(verdict)
    assert (plain["outcome"], plain["verdict"]) == (case["outcome"], case["verdict"])
    if not case["name"].startswith("forged: a bit") and case["card"] != "forged: empty":
        assert plain["reason"] == case["reason"]


def test_no_forgery_is_verified():
    forged = [case for case in DOCUMENT["cases"] if case["name"].startswith("forged")]
    assert len(forged) > 20
    assert all(case["outcome"] != "verified" for case in forged)
    assert all(case["verdict"] in ("stop", "cannot-tell") for case in forged)


@pytest.mark.parametrize(
    "case", DOCUMENT["labels"], ids=lambda case: case["name"].replace(" ", "-")
)
def test_each_label_is_judged_again(case):
    known = {
        "card": base64.b64decode(DOCUMENT["cards"][case["card"]]),
        "trust": parse_trust(DOCUMENT["trusts"][case["trust"]]),
        "now_s": case["now_s"],
        "tables": load_tables(),
    }
    if parse_label_url(case["link"].partition("#")[0]).kind == "d":
        verdict = check_document_label(case["link"], **known).verdict
    else:
        verdict = check_label(case["link"], **known)
    is_genuine = verdict.outcome is Outcome.VERIFIED
    assert ("" if is_genuine else verdict.reason) == case["reason"]


def test_no_false_label_is_genuine():
    false = [c["name"] for c in DOCUMENT["labels"] if not c["reason"]]
    assert false == [
        "genuine",
        "genuine without marks",
        "document genuine",
        "document without a last day",
        "as long as fits",
        "by the key that came",
        "document by the key that came",
    ]
    reasons = {case["reason"] for case in DOCUMENT["labels"]}
    assert reasons == {
        "",
        "label.altered",
        "label.differs",
        "label.key-ended",
        "label.malformed",
        "label.other-lot",
        "label.unknown-key",
    }
