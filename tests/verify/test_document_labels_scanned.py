"""A scanned document: whose print is it, and does the ledger still say the same?"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from signed_odds import Forger
from trail import SKIN, Trail, born_of, bred, world

from ledger import keys
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentReinstated,
    DocumentReplaced,
    DocumentRow,
    DocumentSuspended,
    Paper,
)
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import KeyRevoked, PartySuspended
from ledger.desk.papers_printed import label_lines
from ledger.log.statemap import state_path
from ledger.reference.tables import load_tables
from ledger.trust import Trust, trusted_ledger
from ledger.verify.checks import Remembered
from ledger.verify.document_label import DocumentRead, check_document_label
from ledger.verify.head import Asked
from ledger.verify.verdict import Level, Outcome
from ledger.wire import cose
from ledger.wire.label import (
    DOCUMENT_CONTEXT,
    decode_document,
    encode_document,
    format_label_url,
    label_aad,
    label_headers,
    parse_label_headers,
    parse_label_url,
)
from ledger.wire.text import parse_day

DAY_S = 86_400
NAME = "ZW/EXPORT/2026-0412"
ROW = DocumentRow(SKIN.taxon, SKIN.term, 40, SKIN.unit, SKIN.source, SKIN.origin)
PAPER = Paper(rows=(ROW,), until_day="2027-06-30")
NO_LOT = "000000000001"


@pytest.fixture(params=["own", "lot"])
def paper(request: pytest.FixtureRequest) -> tuple[Trail, str, str]:
    """A ledger, the permit itself or a lot under it, and the link on the permit's print."""
    trail, _ = world("papers")
    done = trail.tell(DocumentIssued(NAME, PAPER), by="parks")
    lot = replace(bred(50, 3), documents=(NAME,))
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(lot,)), by="farm")
    (code,) = born_of(born, 1)
    return trail, NAME if request.param == "own" else code, done.labels[NAME]


def scan(
    trail: Trail, link: str, code: str | None, trust: Trust | None = None, **more
) -> DocumentRead:
    read = trail.reader.document_card if "/" in (code or "") else trail.reader.card
    return check_document_label(
        link,
        card=read(code) if code else None,
        trust=trust or trail.trust,
        now_s=trail.clock.now_s(),
        tables=load_tables(),
        **more,
    )


def answer(read: DocumentRead) -> tuple[str, str]:
    return read.verdict.level.value, read.verdict.reason


def forged(trail: Trail, link: str, *, name: str = NAME, quantity: int = 40) -> str:
    """The same print with other words, signed by the ledger's own label key."""
    url = parse_label_url(link)
    sealed = cose.decode_sign1(url.cose or b"", tagged=False)
    said, (_, short) = decode_document(sealed.payload), parse_label_headers(sealed.protected)
    rows = tuple((a, b, c, quantity, e) for a, b, c, _, e in said.rows)
    payload = encode_document(replace(said, name=name, rows=rows))
    (signer,) = [s for kid, s in trail.made.signers.items() if kid.startswith(short)]
    protected = label_headers(signer.key.alg, signer.kid)
    aad = label_aad(trail.ledger, context=DOCUMENT_CONTEXT)
    message = cose.sig_structure(protected=protected, payload=payload, external_aad=aad)
    signed = cose.Sign1(protected, payload, signer.sign(message))
    return format_label_url(host=url.host, name=NAME, signed=signed, kind="d")


def test_a_genuine_print_is_consistent_and_says_what_it_covers(paper) -> None:
    trail, code, link = paper
    read = scan(trail, link, code)
    assert read.verdict.outcome is Outcome.VERIFIED
    assert answer(read) == ("consistent", "consistent")
    assert read.payload is not None
    said = "\n".join(label_lines(read.payload))
    assert NAME in said
    assert "LAST DAY  2027-06-30" in said
    assert "40 PIECES  SKI  CROCODYLUS NILOTICUS  SOURCE C" in said


def test_without_a_lot_under_it_the_label_is_genuine_and_its_state_unknown(paper) -> None:
    trail, _, link = paper
    read = scan(trail, link, NO_LOT)
    assert (read.verdict.outcome, answer(read)) == (
        Outcome.UNDECIDED,
        ("cannot-tell", "unavailable"),
    )
    check = read.verdict.checks[-1]
    assert (check.name, check.outcome.value) == ("label.signed", "passed")
    assert read.payload is not None
    assert scan(trail, link, None).payload is None


@pytest.mark.parametrize(
    "event",
    [
        DocumentCancelled(NAME, "issued in error"),
        DocumentReplaced("ZW/EXPORT/2026-0413", NAME, "lost", PAPER),
    ],
)
def test_a_print_that_is_no_longer_in_force_is_a_stop(paper, event) -> None:
    trail, code, link = paper
    trail.tell(event, by="parks")
    read = scan(trail, link, code)
    assert read.verdict.level is Level.STOP
    assert answer(read)[1] == "document.not-in-force"


@pytest.mark.parametrize(
    ("until_day", "answers"),
    [
        (None, ("stop", "document.not-in-force")),
        ("2027-01-16", ("consistent", "consistent")),
    ],
    ids=["until-further-notice", "over"],
)
def test_a_print_of_a_suspended_document_is_a_stop(paper, until_day, answers) -> None:
    trail, code, link = paper
    trail.tell(DocumentSuspended(NAME, "audit", until_day), by="parks")
    assert answer(scan(trail, link, code)) == ("stop", "document.not-in-force")
    trail.clock.advance(3 * DAY_S)
    trail.registrar.heartbeat()
    read = scan(trail, link, code)
    assert answer(read) == answers
    if until_day is None:
        assert read.verdict.params["status"] == "suspended"
        trail.tell(DocumentReinstated(NAME, "in order"), by="parks")
        assert answer(scan(trail, link, code))[0] == "consistent"


def test_a_print_past_its_last_day_is_a_check(paper) -> None:
    trail, code, link = paper
    last = parse_day(PAPER.until_day or "") * DAY_S
    for later_s, level in ((2 * DAY_S - 1, "consistent"), (2 * DAY_S, "check")):
        trail.clock.advance(last + later_s - trail.clock.now_s())
        trail.registrar.heartbeat()
        read = scan(trail, link, code)
        assert read.verdict.level.value == level
    assert read.verdict.params == {"document": NAME, "status": "expired"}


def test_no_changed_digit_is_believed(paper) -> None:
    trail, code, link = paper
    start = link.index("#") + 2
    for at in (start + 30, start + 120, len(link) - 1):
        digit = "1" if link[at] != "1" else "2"
        read = scan(trail, link[:at] + digit + link[at + 1 :], code)
        assert read.verdict.outcome is Outcome.REFUTED
        assert read.verdict.level is Level.STOP


def test_another_ledgers_key_is_unknown_or_wrong(paper) -> None:
    trail, code, link = paper
    url = parse_label_url(link)
    sealed = cose.decode_sign1(url.cose or b"", tagged=False)
    stranger = keys.PrivateKey.from_seed(keys.ED25519, b"s" * 32)
    protected = label_headers(stranger.key.alg, stranger.kid)
    aad = label_aad(trail.ledger, context=DOCUMENT_CONTEXT)
    message = cose.sig_structure(protected=protected, payload=sealed.payload, external_aad=aad)
    signed = cose.Sign1(protected, sealed.payload, stranger.sign(message))
    false = format_label_url(host=url.host, name=NAME, signed=signed, kind="d")
    assert answer(scan(trail, false, code)) == ("stop", "label.unknown-key")


def test_a_name_or_host_that_is_not_the_signed_one(paper) -> None:
    trail, code, link = paper
    other = link.replace("2026-0412", "2026-0999")
    assert answer(scan(trail, other, code)) == ("stop", "label.other-lot")
    moved = forged(trail, link, name="ZW/EXPORT/2026-0999")
    assert answer(scan(trail, moved, code)) == ("stop", "label.other-lot")
    foreign = link.replace("ledger.example", "checker.example")
    assert answer(scan(trail, foreign, code)) == ("stop", "label.foreign-host")


def test_a_print_that_says_more_than_the_ledger_differs(paper) -> None:
    trail, code, link = paper
    assert answer(scan(trail, forged(trail, link), code)) == ("consistent", "consistent")
    assert answer(scan(trail, forged(trail, link, quantity=400), code)) == ("stop", "label.differs")


def test_a_suspended_issuer_and_a_stolen_key_reach_the_print(paper) -> None:
    trail, code, link = paper
    trail.tell(PartySuspended("parks", "audit"), by="root-0")
    assert answer(scan(trail, link, code)) == ("check", "document.signer-suspended")
    stolen = KeyRevoked(kid=trail.pens["parks"].signer.kid, reason="stolen", suspect_from=0)
    trail.tell(stolen, by="root-0")
    assert answer(scan(trail, link, code)) == ("stop", "key.suspect")


def test_both_cards_show_the_same_paper(paper) -> None:
    trail, code, link = paper
    read = scan(trail, link, code)
    assert read.verdict.document == NAME
    assert read.verdict.paper == scan(trail, link, NAME).verdict.paper
    assert read.verdict.paper is not None
    assert (read.verdict.paper.left, read.verdict.paper.until_day) == ((40,), "2027-06-30")


def test_a_label_of_a_document_that_the_ledger_does_not_have(paper) -> None:
    trail, _, link = paper
    name = "ZW/EXPORT/2026-0999"
    moved = forged(trail, link, name=name).replace("2026-0412", "2026-0999")
    read = scan(trail, moved, name)
    assert answer(read) == ("cannot-tell", "document.absent")
    assert read.verdict.checks[-1].outcome.value == "passed"


def test_a_bare_link_and_a_lots_link(paper) -> None:
    trail, code, link = paper
    read = scan(trail, link.partition("#")[0], code)
    assert (answer(read), read.payload) == (("consistent", "consistent"), None)
    assert read.verdict.checks[-1].outcome.value == "open"
    lot = f"https://ledger.example/i/{NO_LOT}"
    assert answer(scan(trail, lot, code))[1] == "not-a-label"


def test_whoever_saw_a_newer_ledger_is_told_that_the_card_is_behind(paper) -> None:
    trail, code, link = paper
    head = trail.store.head()
    seen = Asked(remembered=Remembered(head.size + 1, bytes(32)))
    assert answer(scan(trail, link, code, asked=seen)) == ("check", "history.behind")


def test_a_card_of_another_ledger_says_nothing_of_the_print(paper) -> None:
    trail, code, link = paper
    other = Trail("papers-elsewhere")
    (here,), (there,) = trail.trust.ledgers, other.trust.ledgers
    away = trusted_ledger(
        ledger=here.ledger, origin=here.origin, hosts=("elsewhere.example",), log=here.log
    )
    read = scan(trail, link, code, trust=Trust((away, there)))
    assert (read.verdict.outcome, answer(read)) == (
        Outcome.UNDECIDED,
        ("cannot-tell", "unavailable"),
    )


@pytest.mark.parametrize("name", ["issued_day", "until_day"])
@pytest.mark.parametrize("kind", ["own", "lot"])
def test_a_day_that_is_none_raises_nothing(kind: str, name: str) -> None:
    """The registrar itself signed the record: whoever scans is told that it cannot be read."""
    trail, _ = world("papers-odd")
    done = trail.tell(DocumentIssued(NAME, PAPER), by="parks")
    lot = replace(bred(50, 3), documents=(NAME,))
    (code,) = born_of(trail.tell(LotRegistered(basis=Basis.BRED, lots=(lot,)), by="farm"), 1)
    card = trail.reader.document_card(NAME) if kind == "own" else trail.reader.card(code)
    forger = Forger(trail, card)
    path = state_path(trail.ledger, "document", NAME)
    place = forger.paths.index(path)
    odd = forger.with_record(place, {**forger.record(place), name: "0 days"})
    read = check_document_label(
        done.labels[NAME],
        card=odd,
        trust=trail.trust,
        now_s=trail.clock.now_s(),
        tables=load_tables(),
    )
    assert (read.verdict.outcome, answer(read)) == (
        Outcome.UNDECIDED,
        ("cannot-tell", "file.damaged"),
    )
