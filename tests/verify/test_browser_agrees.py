"""T25: the modules that the browser loads reach the same verdicts, also on mutated cards."""

from __future__ import annotations

import base64
import json
import os
import shutil
from itertools import islice

import pytest
from agreement import VECTORS, add, compare, empty_document, forged, judged_alike
from proof_files import rebuilt, unpacked
from signed_odds import Forger
from test_odd_values import ODD
from trail import PERMIT, bred, world

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotRegistered
from ledger.reference.tables import load_tables
from ledger.verify.label import check_label
from ledger.verify.verdict import Outcome

CASES = int(os.environ.get("RINGMARK_AGREEMENT_CASES", "3000"))


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is missing in CI")
        pytest.skip("node is not on this machine")
    return found


def test_the_vectors_are_reached_in_the_browser_too(node):
    done = compare(node, VECTORS)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]


def test_a_share_of_the_campaign_leads_to_the_same_verdicts(node):
    """`python tests/verify/agreement.py` runs the rest of it."""
    cases = list(islice(forged("share", CASES), CASES))
    assert {by for _, _, by in cases} == {"anybody", "registrar"}
    assert judged_alike(node, cases, 0) == []


def test_changed_labels_lead_to_the_same_answers(node, tmp_path):
    trail, _ = world("agreeing-labels")
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3),)), by="farm")
    ((code, link),) = born.labels.items()
    card, now_s = trail.reader.card(code), trail.clock.now_s()
    known = {"trust": trail.trust, "now_s": now_s, "tables": load_tables()}
    document = empty_document()
    document["cards"][code] = base64.b64encode(card).decode()
    document["trusts"][trail.seed] = trail.made.trust
    start = link.index("#") + 1
    for place in range(start, len(link)):
        changed = f"{link[:place]}{(int(link[place]) + 1 + place % 9) % 10}{link[place + 1 :]}"
        verdict = check_label(changed, card=card, **known)
        assert verdict.outcome is Outcome.REFUTED
        row = {"name": str(place), "link": changed, "card": code, "trust": trail.seed}
        document["labels"].append({**row, "now_s": now_s, "reason": verdict.reason})
    file = tmp_path / "labels.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, file)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]


ODD_LINES = (
    "— x\u0085y {blob}",
    "— x\ufeffy {blob}",
    "— x\u00a0y {blob}",
    "— x\u200by {blob}",
    "— x\u180ey {blob}",
    "— x\u3000y {blob}",
    "— x\u007fy {blob}",
    "— x+y {blob}",
    "—  {blob}",
    "- x {blob}",
    "— x {blob}=",
    "— x AAAA",
    "— x {blob} x",
    "— x {long}",
    "",
)


def test_lines_that_anybody_may_add_to_a_note_lead_to_the_same_verdicts(node, tmp_path):
    """Signatures of strangers are in no hash: whoever passes a card on may add what he likes."""
    trail, code = world("agreeing-notes")
    card = trail.reader.card(code)
    note = unpacked(card)["head"]["checkpoint"].decode()
    blob, long = (base64.b64encode(bytes(size)).decode() for size in (68, 400_000))
    document = empty_document()
    lines = [line.format(blob=blob, long=long) + "\n" for line in ODD_LINES]
    notes = [note + line for line in lines] + [note + lines[-4] * count for count in (62, 64, 65)]
    for number, changed in enumerate(notes):
        forged = rebuilt(card, ("head", "checkpoint"), changed.encode())
        add(document, trail, forged, f"note {number}")
    file = tmp_path / "notes.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, file)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert {case["outcome"] for case in document["cases"]} == {"verified", "undecided"}


def test_odd_values_that_the_registrar_signed_lead_to_the_same_verdicts(node, tmp_path):
    """No hash is wrong here: the form of what a verdict rests on must give them away."""
    trail, code = world("agreeing-odds")
    trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    document = empty_document()
    for name, card in (
        ("lot", trail.reader.card(code)),
        ("paper", trail.reader.document_card(PERMIT)),
    ):
        forger = Forger(trail, card)
        for number, odd in enumerate(odd_cards(forger)):
            add(document, trail, odd, f"{name} {number}")
    file = tmp_path / "odds.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, file)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert len(document["cases"]) > 400


def odd_cards(forger: Forger):
    """Cards with one odd value in the closing, or in what a verdict reads of the first record."""
    for name in ("at", "first", "count", "height", "root", "last", "refused", "type", "v", "more"):
        for odd in (*ODD, ...):
            if not (name == "at" and odd is ...):
                yield forger.with_closing({name: odd}, iat=0 if name == "at" else None)
    plain = forger.record(0)
    holds = plain["findings"] or [["control.held", "stop", 1, bytes(32), []]]
    days = {"from_day", "until_day", "ended_day", "issued_day", "withdrawn"} & {*plain}
    for name in ("n", "track", "findings", "on", "status", *sorted(days)):
        for odd in ODD:
            yield forger.with_record(0, {**plain, name: odd})
    for place in range(5):
        for odd in (*ODD, [bytes(32), -1], [bytes(31), 1], [bytes(32), 1, 1], ["a", 1]):
            held = list(holds[0])
            held[place] = odd
            yield forger.with_record(0, {**plain, "findings": [held]})
    for place in range(3):
        for odd in ODD:
            rows = [list(row) if isinstance(row, list) else row for row in plain["on"]]
            rows[-1][place] = odd
            yield forger.with_record(0, {**plain, "on": rows})
