"""The outbox as files: order, states, and a stick between two machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.custody.control import StatementDisputed
from ledger.desk.answers import answer_of, offers_in
from ledger.desk.draft import Act, Drafted, Numbering, Writer, sign_act
from ledger.desk.heads import Heads
from ledger.desk.home import write_file_of
from ledger.desk.outbox import FILE_NAME, FILE_VERSION, Outbox, State
from ledger.desk.sending import rests_on, settle
from ledger.desk.source import Kept, Taken, Troubled
from ledger.desk.source_remote import RemoteSource
from ledger.errors import (
    DamagedError,
    MalformedError,
    NotFoundError,
    ProofError,
    RingmarkError,
    UnavailableError,
)
from ledger.keys import ED25519, PrivateKey
from ledger.trust import trusted_ledger
from ledger.wire import cbor, text
from ledger.wire.frame import frame
from ledger.wire.note import make_vkey

SIGNER = PrivateKey.from_seed(ED25519, bytes(32))
WRITER = Writer("farm", SIGNER, bytes(32))
CODE = "7K3M9QXF2W50"
ORIGIN = "ledger.example/desk"
TRUSTED = trusted_ledger(
    ledger=bytes(32), origin=ORIGIN, hosts=(), log=(make_vkey(ORIGIN, 1, SIGNER.key.public),)
)


def draft(seq: int, of: bytes = bytes(32)) -> Drafted:
    act = Act(StatementDisputed(of, (CODE,), "not ours"))
    numbering = Numbering(seq=seq, salt=bytes(16), iat=1_796_100_000)
    return sign_act(act, WRITER, numbering=numbering, heads=Heads({}, {}))


OWN = draft(1).statement.id.hex()


@pytest.fixture
def box(tmp_path: Path) -> Outbox:
    folder = tmp_path / "outbox"
    folder.mkdir()
    return Outbox(folder)


def test_entries_keep_their_order_and_are_kept_once(box: Outbox) -> None:
    first, second = box.add(draft(1), said="one"), box.add(draft(2), said="two")
    assert box.add(draft(1), said="one again") == first
    assert [entry.place for entry in box.entries()] == [1, 2]
    assert box.last_number(SIGNER.kid) == 2
    assert box.entry(2) == second


def test_what_became_of_an_entry_is_kept(box: Outbox) -> None:
    entry = box.add(draft(1), said="one")
    kept = entry.with_(
        state=State.REGISTERED,
        index=7,
        receipt=b"proof",
        labels={CODE: "https://x"},
        params={"n": 1},
    )
    box.put(kept)
    assert box.entries() == (kept,)
    assert box.open_entries() == ()


def test_a_number_that_is_not_there_is_said(box: Outbox) -> None:
    with pytest.raises(NotFoundError):
        box.entry(9)


def test_a_stick_carries_what_is_open(box: Outbox, tmp_path: Path) -> None:
    box.add(draft(1), said="one")
    box.put(box.add(draft(2), said="two").with_(state=State.REGISTERED))
    folder = tmp_path / "other"
    folder.mkdir()
    other = Outbox(folder)
    (taken,) = other.import_(box.export(), own=())
    assert taken.raw == draft(1).raw
    assert other.import_(box.export(), own=()) == (taken,)
    damaged = bytearray(box.export())
    damaged[-1] ^= 1
    with pytest.raises(MalformedError):
        other.import_(bytes(damaged), own=())


def test_a_stick_of_many_statements_is_compared_once(tmp_path: Path) -> None:
    rows = [[draft(number).raw, "one"] for number in range(1, 401)]
    folder = tmp_path / "other"
    folder.mkdir()
    other = Outbox(folder)
    looks = 0

    class Counted(type(folder)):
        def glob(self, pattern: str):
            nonlocal looks
            looks += 1
            return super().glob(pattern)

    other._folder = Counted(folder)
    taken = other.import_(frame(FILE_NAME, FILE_VERSION, cbor.encode(rows)), own=())
    assert [entry.place for entry in taken] == list(range(1, 401))
    assert looks <= 2


def test_what_rests_on_what(box: Outbox) -> None:
    first = box.add(draft(1), said="one")
    second = box.add(draft(2, of=first.id), said="about the first")
    third = box.add(draft(3), said="about nothing here")
    assert rests_on(second, [first])
    assert not rests_on(third, [first])


def test_answers_of_a_server_are_read_strictly() -> None:
    raw = draft(1).raw
    own = draft(1).statement.id.hex()
    receipt = text.encode_base64(b"proof")
    assert answer_of({"statement": own, "index": 3, "receipt": receipt}, raw) == Taken(
        draft(1).statement.id, 3, b"proof"
    )
    refused = answer_of({"refused": {"rule": "custody.not-holder", "params": {"lot": "x"}}}, raw)
    assert isinstance(refused, Kept)
    other = answer_of({"statement": "00" * 32, "index": 3, "receipt": receipt}, raw)
    assert isinstance(other, Troubled)
    assert other.error.code == "remote.other-statement"
    busy = answer_of({"error": {"code": "registrar.busy", "title": "busy"}, "status": 429}, raw)
    assert isinstance(busy, Troubled)
    assert isinstance(busy.error, RingmarkError)
    assert isinstance(answer_of([], raw), Troubled)


def test_a_remark_of_a_server_is_one_line() -> None:
    told = {"rule": "x", "severity": "stop", "from_at": 1, "on": ["lot/A\nSTOP"], "marks": ["m\r"]}
    answer = answer_of({"statement": OWN, "index": 3, "findings": [told]}, draft(1).raw)
    assert isinstance(answer, Taken)
    assert answer.findings[0]["on"] == ["lot/A STOP"]
    assert answer.findings[0]["marks"] == ["m"]


@pytest.mark.parametrize(
    "odd",
    [
        [],
        None,
        "yes",
        {},
        {"status": "soon"},
        {"status": None},
        {"error": [], "status": {}},
        {"statement": 7},
        {"statement": "zz"},
        {"statement": OWN, "receipt": 7},
        {"statement": OWN, "receipt": "=="},
        {"statement": OWN, "index": "first"},
        {"statement": OWN, "labels": 7},
        {"statement": OWN, "findings": 7},
        {"statement": OWN, "findings": [{"rule": "x", "severity": "stop"}]},
        {
            "statement": OWN,
            "findings": [
                {"rule": "x", "severity": "huge", "from_at": 1, "on": ["lot/A"], "marks": []}
            ],
        },
        {
            "statement": OWN,
            "findings": [{"rule": "x", "severity": "stop", "from_at": 1, "on": [], "marks": []}],
        },
        {"statement": OWN, "registered": 7},
        {"statement": "00" * 32, "index": 3},
        {"refused": {"rule": "x", "params": 7}},
    ],
    ids=str,
)
def test_an_answer_of_no_form_says_nothing_of_a_statement(box: Outbox, odd: object) -> None:
    """It may stand in the log: it is never called refused, so that nobody signs it again."""
    entry = box.add(draft(1), said="one")
    answer = answer_of(odd, entry.raw)
    assert isinstance(answer, Troubled)
    settled = settle(entry, answer, TRUSTED)
    assert (settled.state, settled.index) == (State.SENT, None)
    assert settled.error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (UnavailableError("registrar.unknown", "?"), State.SENT),
        (DamagedError("tile.leaf-hashes", "damaged"), State.SENT),
        (NotFoundError("ledger.not-founded", "gone"), State.SENT),
        (MalformedError("statement.sub", "another"), State.REFUSED),
        (ProofError("signature.wrong", "false"), State.REFUSED),
    ],
    ids=lambda value: str(getattr(value, "code", value)),
)
def test_only_what_is_said_of_a_statement_refuses_it(
    box: Outbox, error: RingmarkError, state: State
) -> None:
    entry = box.add(draft(1), said="one")
    assert settle(entry, Troubled(error), TRUSTED).state is state


class Showing(RemoteSource):
    """A ledger that shows one statement, whichever is asked for."""

    def read(self, path: str) -> bytes:
        return draft(1).raw


def test_another_statement_than_was_asked_for_is_not_believed() -> None:
    source = Showing("http://127.0.0.1:1")
    assert source.statement(draft(1).statement.id) == draft(1).raw
    with pytest.raises(ProofError) as caught:
        source.statement(draft(2).statement.id)
    assert caught.value.code == "remote.other-statement"


@pytest.mark.parametrize("odd", [7, "x", [7], {"to": 7}, {"by": ["x"]}, {"offers": {"a": 1}}])
def test_offers_of_another_form_are_no_offers(odd: object) -> None:
    with pytest.raises(MalformedError) as caught:
        offers_in(odd)
    assert caught.value.code == "remote.answer"


def test_a_damaged_entry_is_named(box: Outbox, tmp_path: Path) -> None:
    box.add(draft(1), said="one")
    for place, damage in (("json", b"{}"), ("json", b""), ("json", b"[]"), ("cose", None)):
        file = tmp_path / "outbox" / f"000001.{place}"
        whole = file.read_bytes()
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage)
        with pytest.raises(MalformedError, match=r"000001\.json") as raised:
            Outbox(tmp_path / "outbox").entries()
        assert raised.value.code == "outbox.damaged"
        file.write_bytes(whole)
    assert len(box.entries()) == 1


def test_a_change_by_another_command_is_seen(box: Outbox, tmp_path: Path) -> None:
    entry = box.add(draft(1), said="one")
    assert box.entries() == (entry,)
    changed = Outbox(tmp_path / "outbox").put(entry.with_(state=State.SENT))
    assert box.entries() == (changed,)


def test_what_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a"
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        write_file_of(tmp_path / "file", pieces())
    assert list(tmp_path.iterdir()) == []
