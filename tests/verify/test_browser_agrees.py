"""T25: the modules that the browser loads reach the same verdicts, also on mutated cards."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from proof_files import packed, rebuilt, unpacked
from signed_odds import Forger
from test_odd_values import ODD, every_place
from trail import PERMIT, Trail, bred, trade, world

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotRegistered
from ledger.reference.tables import load_tables
from ledger.verify.card import check_card
from ledger.verify.label import check_label
from ledger.verify.verdict import Outcome, verdict_json

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors" / "verify.json"
CASES = int(os.environ.get("RINGMARK_AGREEMENT_CASES", "3000"))


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is missing in CI")
        pytest.skip("node is not on this machine")
    return found


def compare(node: str, project_root: Path, vectors: Path) -> subprocess.CompletedProcess[str]:
    table = project_root / "ledger" / "reference" / "data" / "verdict.json"
    modules = project_root / "web" / "static" / "verify"
    script = HERE / "check_vectors.mjs"
    return subprocess.run(
        [node, str(script), str(vectors), str(table), str(modules)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_vectors_are_reached_in_the_browser_too(node, project_root):
    done = compare(node, project_root, VECTORS)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]


def test_mutated_cards_lead_to_the_same_verdicts(node, project_root, tmp_path):
    scenes = [world("agreeing"), trade("agreeing-roots", roots=3)]
    scenes[0][0].tell(LotHeld(lots={scenes[0][1]: Part()}, reason="look"), by="parks")
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    document |= {"cards": {}, "cases": [], "trusts": {}, "labels": []}
    cards = [(trail, trail.reader.card(code)) for trail, code in scenes]
    cards.append((scenes[0][0], scenes[0][0].reader.document_card(PERMIT)))
    for place, (trail, card) in enumerate(cards):
        document["trusts"][trail.seed] = trail.made.trust
        for number, forged in enumerate(mutated(card, CASES // len(cards))):
            add(document, trail, forged, f"{trail.seed} {place} {number}")
    file = tmp_path / "mutated.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, project_root, file)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    outcomes = {case["outcome"] for case in document["cases"]}
    assert {"refuted", "undecided"} <= outcomes


def test_changed_labels_lead_to_the_same_answers(node, project_root, tmp_path):
    trail, _ = world("agreeing-labels")
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3),)), by="farm")
    ((code, link),) = born.labels.items()
    card, now_s = trail.reader.card(code), trail.clock.now_s()
    known = {"trust": trail.trust, "now_s": now_s, "tables": load_tables()}
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    document |= {"cases": [], "cards": {code: base64.b64encode(card).decode()}, "labels": []}
    document["trusts"] = {trail.seed: trail.made.trust}
    start = link.index("#") + 1
    for place in range(start, len(link)):
        changed = f"{link[:place]}{(int(link[place]) + 1 + place % 9) % 10}{link[place + 1 :]}"
        verdict = check_label(changed, card=card, **known)
        assert verdict.outcome is Outcome.REFUTED
        row = {"name": str(place), "link": changed, "card": code, "trust": trail.seed}
        document["labels"].append({**row, "now_s": now_s, "reason": verdict.reason})
    file = tmp_path / "labels.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, project_root, file)
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


def test_lines_that_anybody_may_add_to_a_note_lead_to_the_same_verdicts(
    node, project_root, tmp_path
):
    """Signatures of strangers are in no hash: whoever passes a card on may add what he likes."""
    trail, code = world("agreeing-notes")
    card = trail.reader.card(code)
    note = unpacked(card)["head"]["checkpoint"].decode()
    blob, long = (base64.b64encode(bytes(size)).decode() for size in (68, 400_000))
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    document |= {"cards": {}, "cases": [], "trusts": {trail.seed: trail.made.trust}, "labels": []}
    lines = [line.format(blob=blob, long=long) + "\n" for line in ODD_LINES]
    notes = [note + line for line in lines] + [note + lines[-4] * count for count in (62, 64, 65)]
    for number, changed in enumerate(notes):
        forged = rebuilt(card, ("head", "checkpoint"), changed.encode())
        add(document, trail, forged, f"note {number}")
    file = tmp_path / "notes.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, project_root, file)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert {case["outcome"] for case in document["cases"]} == {"verified", "undecided"}


def test_odd_values_that_the_registrar_signed_lead_to_the_same_verdicts(
    node, project_root, tmp_path
):
    """No hash is wrong here: the form of what a verdict rests on must give them away."""
    trail, code = world("agreeing-odds")
    trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    document |= {"cards": {}, "cases": [], "trusts": {trail.seed: trail.made.trust}, "labels": []}
    for name, card in (
        ("lot", trail.reader.card(code)),
        ("paper", trail.reader.document_card(PERMIT)),
    ):
        forger = Forger(trail, card)
        for number, forged in enumerate(odd_cards(forger)):
            add(document, trail, forged, f"{name} {number}")
    file = tmp_path / "odds.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = compare(node, project_root, file)
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
            # A status that is a text, but none of the words, is noticed a step later there.
            if name != "status" or not isinstance(odd, str):
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


def add(document, trail: Trail, card: bytes, name: str) -> None:
    now_s = trail.clock.now_s()
    plain = verdict_json(check_card(card, trust=trail.trust, now_s=now_s))
    document["cards"][name] = base64.b64encode(card).decode()
    document["cases"].append(
        {
            "name": name,
            "card": name,
            "trust": trail.seed,
            "now_s": now_s,
            "code": None,
            "mark": None,
            "document": None,
            "remembered": None,
            "outcome": plain["outcome"],
            "verdict": plain["verdict"],
            "reason": plain["reason"],
            "checks": [[check["name"], check["outcome"]] for check in plain["checks"]],
            "findings": [[f["rule"], f["on"], f["reaches"]] for f in plain["findings"]],
        }
    )


def mutated(card: bytes, count: int):
    """Cards with one change each: in the frame, in a member, in bytes inside a fresh frame."""
    body = unpacked(card)
    places = [path for path in every_place(body) if path]
    for number in range(count):
        draw = int.from_bytes(hashlib.sha256(f"{number}".encode()).digest()[:8], "big")
        path = places[draw % len(places)]
        value = body
        for key in path:
            value = value[key]
        if number % 8 == 0:
            flipped = bytearray(card)
            flipped[draw % len(card)] ^= 1 << (draw >> 40) % 8
            yield bytes(flipped)
        elif isinstance(value, bytes) and value and number % 4:
            flipped = bytearray(value)
            flipped[(draw >> 16) % len(value)] ^= 1 << (draw >> 40) % 8
            yield rebuilt(card, path, bytes(flipped))
        elif isinstance(value, list) and len(value) > 1:
            yield rebuilt(card, path, value[1:] if draw & 1 else value[::-1])
        else:
            odd = ODD[(draw >> 8) % len(ODD)]
            yield rebuilt(card, path, odd)
    yield packed(card, {**body, "more": 1})
