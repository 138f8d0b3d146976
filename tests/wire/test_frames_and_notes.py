"""Properties of framed files, notes, verifier keys and label links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.wire import cbor, cose, frame, label, note

NAME = "ringmark.card"


@given(st.binary(max_size=300), st.integers(1, 2**31))
def test_a_frame_there_and_back(body: bytes, version: int) -> None:
    data = frame.frame(NAME, version, body)
    assert frame.unframe(data, name=NAME, size_max=400) == (version, body)


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 400])
def test_any_flipped_bit_of_a_framed_file_is_refused(size: int) -> None:
    data = frame.frame(NAME, 1, cbor.encode(bytes(size)))
    taken = []
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            taken.append(frame.unframe(bytes(changed), name=NAME, size_max=1_000))
        except MalformedError:
            continue
    # Only the version can be another number: it is the caller's to know, and 1 is one bit away
    # from 0, 3, 5, 9 and 17.
    assert sorted(version for version, _ in taken) == [3, 5, 9, 17]


def test_any_cut_or_longer_framed_file_is_refused() -> None:
    data = frame.frame(NAME, 1, b"\xa0")
    for length in range(len(data)):
        with pytest.raises(MalformedError):
            frame.unframe(data[:length], name=NAME, size_max=1_000)
    for more in range(1, 65):
        with pytest.raises(MalformedError):
            frame.unframe(data + bytes(more), name=NAME, size_max=1_000)


NAMES = st.text("abc.-/\u00e9", min_size=1, max_size=20)
LINES = st.builds(
    note.NoteSignature,
    name=NAMES,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=80),
)
TEXTS = st.lists(st.text("ab \u00e9\u2014\u2028", max_size=10), min_size=1, max_size=4).map(
    lambda lines: "\n".join(lines) + "\n"
)


@given(TEXTS, st.lists(LINES, min_size=1, max_size=4))
def test_a_note_there_and_back(words: str, lines: list[note.NoteSignature]) -> None:
    made = note.Note(words, tuple(lines))
    data = note.format_note(made)
    assert note.parse_note(data) == made


@given(st.binary(max_size=60))
def test_any_bytes_that_parse_as_a_note_print_the_same(data: bytes) -> None:
    for whole in (data, b"x\n\n\xe2\x80\x94 n AAAAAAA=\n" + data):
        try:
            found = note.parse_note(whole)
        except MalformedError:
            continue
        assert note.format_note(found) == whole


@pytest.mark.parametrize(
    "made",
    [
        note.Note("no newline", (note.NoteSignature("n", bytes(4), b"s"),)),
        note.Note("x\n", ()),
        note.Note("x\n", (note.NoteSignature("a b", bytes(4), b"s"),)),
        note.Note("x\n", (note.NoteSignature("", bytes(4), b"s"),)),
        note.Note("x\n", (note.NoteSignature("n", bytes(3), b"s"),)),
        note.Note("x\r\n", (note.NoteSignature("n", bytes(4), b"s"),)),
    ],
)
def test_a_note_that_would_not_parse_is_not_written(made: note.Note) -> None:
    with pytest.raises(MalformedError):
        note.format_note(made)


@given(NAMES, st.sampled_from([1, 4]), st.binary(min_size=32, max_size=32))
def test_a_verifier_key_there_and_back(name: str, kind: int, public: bytes) -> None:
    key = note.make_vkey(name, kind, public)
    assert note.parse_vkey(note.format_vkey(key)) == key


@given(st.binary(min_size=8, max_size=195), st.sampled_from(["i", "d"]))
def test_a_label_link_there_and_back(payload: bytes, kind: str) -> None:
    sign1 = cose.Sign1(b"", payload[:100], b"")
    link = label.format_label_url(host="h.example", name="A/B \u00e9", signed=sign1, kind=kind)
    found = label.parse_label_url(link)
    assert (found.host, found.kind, found.name) == ("h.example", kind, "A/B \u00e9")
    assert found.cose == cose.encode_sign1(sign1, tagged=False)


def test_what_scanners_type_is_a_link_too() -> None:
    found = label.parse_label_url(" HTTPS://V.EXAMPLE.ORG/i/51PB1X9SFP3J ")
    assert found == label.LabelUrl("v.example.org", "i", "51PB1X9SFP3J", None)


def test_a_label_that_is_too_long_is_not_printed() -> None:
    sign1 = cose.Sign1(b"", bytes(200), bytes(64))
    with pytest.raises(MalformedError) as caught:
        label.format_label_url(host="h.example", name="x", signed=sign1)
    assert caught.value.code == "label.size"


@pytest.mark.parametrize("wrong", [{1: -19}, {1: -19, 4: bytes(7)}, {1: "x", 4: bytes(8)}, [1]])
def test_label_headers_are_exactly_two(wrong: object) -> None:
    with pytest.raises(MalformedError):
        label.parse_label_headers(cbor.encode(wrong))
    assert label.parse_label_headers(label.label_headers(-19, bytes(32))) == (-19, bytes(8))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["", bytes(16), 1, []],
        ["n", bytes(15), 1, []],
        ["n", bytes(16), -1, []],
        ["n", bytes(16), 1, {}],
        ["n", bytes(16), 1, [[1, 2, 3, 4]]],
        ["n", bytes(16), 1, [[1, 2, 3, 4, -5]]],
        ["n", bytes(16), 1, [[1, 2, 3, 4, True]]],
    ],
)
def test_documents_of_another_form_are_refused(wrong: object) -> None:
    with pytest.raises(MalformedError):
        label.decode_document(cbor.encode(wrong))


def test_keys_of_another_form_are_refused() -> None:
    x = bytes(32)
    for wrong in (
        {1: 1, -1: 6},
        {1: 1, -1: 6, -2: bytes(31)},
        {1: 1, -1: 6, -2: x, 3: -19},
        {1: 1, -1: 7, -2: x},
        {1: 2, -1: 1, -2: x},
        {1: 2, -1: 1, -2: x, -3: True},
        {1: 2, -1: 2, -2: x, -3: x},
        {1: True, -1: 6, -2: x},
        [1],
    ):
        with pytest.raises(MalformedError):
            raise AssertionError(wrong, cose.parse_cose_key(wrong))
    with pytest.raises(MalformedError):
        cose.encode_cose_key(cose.CoseKey(-19, bytes(31)))


def test_open_messages_keep_what_is_beside_them() -> None:
    data = b"\xd2" + cbor.encode([b"\xa0", {396: {-1: [b"p"]}}, None, b"s"])
    found = cose.decode_sign1_any(data)
    assert found == cose.OpenSign1(b"\xa0", {396: {-1: [b"p"]}}, None, b"s")
    for wrong in ([b"", [], None, b""], [{}, {}, None, b""], [b"", {}, "x", b""]):
        with pytest.raises(MalformedError):
            cose.decode_sign1_any(b"\xd2" + cbor.encode(wrong))
