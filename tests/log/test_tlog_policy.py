"""Witness policies: their text, their arithmetic, and cosignatures."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, ProofError, UsageError
from ledger.keys import ED25519, PrivateKey
from ledger.log.checkpoint import Checkpoint, format_checkpoint
from ledger.log.witness import (
    Group,
    Policy,
    PolicyKey,
    Tolerance,
    check_cosignatures,
    is_reached,
    parse_policy,
    tolerance,
)
from ledger.wire.note import (
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    format_vkey,
    make_vkey,
    parse_note,
)

ORIGIN = "ledger.example/demo"
TEXT = format_checkpoint(Checkpoint(ORIGIN, 7, bytes(range(32))))
SIGNERS = {
    f"W{number}": PrivateKey.from_seed(ED25519, bytes([number]) * 32) for number in range(1, 10)
}
KEYS = {
    name: make_vkey(f"witness.example/{name.lower()}", 4, signer.key.public)
    for name, signer in SIGNERS.items()
}
LOG = make_vkey(ORIGIN, 1, PrivateKey.from_seed(ED25519, b"\x7f" * 32).key.public)
WITNESSES = "".join(f"witness {name} {format_vkey(key)}\n" for name, key in KEYS.items())


def policy(lines: str) -> Policy:
    return parse_policy(f"log {format_vkey(LOG)}\n{WITNESSES}{lines}")


def cosignature(name: str, *, time_s: int, text: str = TEXT) -> NoteSignature:
    message = f"cosignature/v1\ntime {time_s}\n{text}".encode()
    blob = time_s.to_bytes(8, "big") + SIGNERS[name].sign(message)
    return NoteSignature(KEYS[name].name, KEYS[name].key_id, blob)


THREE_OF_FOUR = "group four 3 W1 W2 W3 W4\nquorum four\n"


def test_a_policy_is_read() -> None:
    read = parse_policy(
        f"# the log\n\n \tlog\t{format_vkey(LOG)} https://ledger.example/log\n"
        f"witness W1 {format_vkey(KEYS['W1'])} https://w1.example\n"
        f"witness \u212a {format_vkey(KEYS['W2'])}\n"
        "  # groups\ngroup both all W1 \u212a\nquorum both"
    )
    assert read == Policy(
        (PolicyKey(ORIGIN, LOG, "https://ledger.example/log"),),
        (PolicyKey("W1", KEYS["W1"], "https://w1.example"), PolicyKey("\u212a", KEYS["W2"])),
        (Group("both", 2, ("W1", "\u212a")),),
        "both",
    )


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "quorum W1\nquorum W1\n",
        "quorum W99\n",
        "quorum\n",
        "quorum W1 W2\n",
        "Quorum W1\n",
        "group g 0 W1 W2\nquorum g\n",
        "group g 3 W1 W2\nquorum g\n",
        "group g 02 W1 W2\nquorum g\n",
        "group g +2 W1 W2\nquorum g\n",
        "group g most W1 W2\nquorum g\n",
        "group g all\nquorum W1\n",
        "group g all W1 W1\nquorum g\n",
        "group g all W1 W2\ngroup h all W1 W3\nquorum g\n",
        "group g all W1 h\ngroup h all W2\nquorum g\n",
        "group g all W1 none\nquorum g\n",
        "group none all W1\nquorum none\n",
        "group W2 all W1\nquorum W1\n",
        "quorum g\ngroup g all W1\n",
        f"witness X {format_vkey(make_vkey('other.example', 4, KEYS['W1'].public))}\nquorum W1\n",
        f"witness X {format_vkey(make_vkey('log.example', 1, bytes(32)))}\nquorum W1\n",
        f"log {format_vkey(make_vkey('other.example', 1, LOG.public))}\nquorum W1\n",
        f"log {format_vkey(make_vkey('other.example', 4, bytes(32)))}\nquorum W1\n",
        "log nonsense\nquorum W1\n",
        "quorum W1\r\n",
        "quorum\x0bW1\n",
        "quorum W1\x7f\n",
        "quorum\u00a0W1\n",
        "quorum W1" + "\n" * 1_001,
    ],
)
def test_other_policies_are_refused(lines: str) -> None:
    with pytest.raises(MalformedError):
        policy(lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("quorum W1\n", Tolerance(0, 0)),
        ("group g 2 W1 W2 W3\nquorum g\n", Tolerance(0, 1)),
        ("group g all W1 W2 W3\nquorum g\n", Tolerance(2, 0)),
        (THREE_OF_FOUR, Tolerance(1, 1)),
        ("group g 4 W1 W2 W3 W4 W5\nquorum g\n", Tolerance(2, 1)),
        ("group g 5 W1 W2 W3 W4 W5 W6 W7\nquorum g\n", Tolerance(2, 2)),
        # The specification's own example: two of X and any of Y.
        (
            "group X 2 W1 W2 W3\ngroup Y any W4 W5 W6\ngroup both all X Y\nquorum both\n",
            Tolerance(0, 1),
        ),
    ],
)
def test_what_a_policy_survives(lines: str, expected: Tolerance) -> None:
    assert tolerance(policy(lines)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "group g any W1 W2\nquorum g\n",
        "group g 2 W1 W2 W3 W4\nquorum g\n",
        "group X all W1 W2\ngroup Y all W3 W4\ngroup e any X Y\nquorum e\n",
    ],
)
def test_a_policy_that_lets_two_trees_through_is_refused(lines: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(lines)
    assert caught.value.code == "policy.split-view"


@settings(max_examples=50)
@given(st.data())
def test_tolerance_equals_trying_all_sets(data: st.DataObject) -> None:
    names = [f"W{number}" for number in range(1, 7)]
    cut = data.draw(st.integers(1, 5))
    one, two = names[:cut], names[cut:]
    k, m = data.draw(st.integers(1, len(one))), data.draw(st.integers(1, len(two)))
    top = data.draw(st.integers(1, 2))
    lines = (
        f"group X {k} {' '.join(one)}\ngroup Y {m} {' '.join(two)}\n"
        f"group top {top} X Y\nquorum top\n"
    )
    sets = [set(chosen) for size in range(7) for chosen in itertools.combinations(names, size)]
    open_policy = policy(lines.replace("quorum top", "quorum none"))
    judged = Policy(open_policy.logs, open_policy.witnesses, open_policy.groups, "top")
    reaching = [chosen for chosen in sets if is_reached(judged, chosen)]
    smallest = min(len(a & b) for a in reaching for b in reaching)
    blocking = min(len(gone) for gone in sets if not is_reached(judged, set(names) - gone))
    assert tolerance(judged) == Tolerance(smallest - 1, blocking - 1)


def test_no_quorum_is_always_reached() -> None:
    assert is_reached(parse_policy("quorum none\n"), set())
    assert not is_reached(policy(THREE_OF_FOUR), {"W1", "W2", "W9"})
    assert is_reached(policy(THREE_OF_FOUR), {"W1", "W2", "W4"})


def test_cosignatures_are_counted() -> None:
    judged = policy(THREE_OF_FOUR)
    lines = tuple(cosignature(name, time_s=100 + n) for n, name in enumerate(("W3", "W1", "W2")))
    note = format_note(Note(TEXT, lines))
    times = check_cosignatures(note, policy=judged)
    assert times == {"W3": 100, "W1": 101, "W2": 102}
    assert is_reached(judged, times.keys())


def test_a_false_cosignature_spoils_the_note() -> None:
    moved = cosignature("W1", time_s=100, text=TEXT.replace("\n7\n", "\n8\n"))
    redated = cosignature("W1", time_s=100)
    redated = NoteSignature(
        redated.name, redated.key_id, (101).to_bytes(8, "big") + redated.signature[8:]
    )
    for line in (moved, redated):
        with pytest.raises(ProofError):
            check_cosignatures(format_note(Note(TEXT, (line,))), policy=policy(THREE_OF_FOUR))


@pytest.mark.parametrize("blob", [b"\x01", bytes(72), bytes(71), b"\xff" * 72])
def test_cosignatures_of_another_form_are_refused(blob: bytes) -> None:
    line = NoteSignature(KEYS["W1"].name, KEYS["W1"].key_id, blob)
    with pytest.raises(MalformedError):
        check_cosignatures(format_note(Note(TEXT, (line,))), policy=policy(THREE_OF_FOUR))


def test_two_lines_of_one_witness_are_refused() -> None:
    lines = (cosignature("W1", time_s=1), cosignature("W1", time_s=2))
    with pytest.raises(ProofError):
        check_cosignatures(format_note(Note(TEXT, lines)), policy=policy(THREE_OF_FOUR))


def test_cosignatures_of_the_worked_example(log_example: Path) -> None:
    """One witness with an Ed25519 and an ML-DSA key: the second cannot be checked, never counts."""
    note = (log_example / "log" / "checkpoint").read_bytes()
    signatures = parse_note(note).signatures
    assert [line.key_id.hex() for line in signatures] == ["877d5f7b", "df1c0a35", "ca57e9ac"]
    public = "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"
    ed25519 = make_vkey("witness.example/w1", 4, bytes.fromhex(public))
    later = make_vkey("witness.example/w2", 6, bytes(1_312))
    assert cosigned(note, ed25519, later) == {"K0": 1_790_000_000}


def cosigned(note: bytes, *vkeys: VerifierKey) -> dict[str, int]:
    lines = "".join(f"witness K{n} {format_vkey(vkey)}\n" for n, vkey in enumerate(vkeys))
    return check_cosignatures(note, policy=parse_policy(f"{lines}quorum K0\n"))
