"""An audit without the rules: each word of a closing is held to the leaves, one at a time."""

from __future__ import annotations

import pytest
from hostile import Source, note_of, rewritten
from msgspec.structs import replace
from trail import Trail, trade

from ledger import keys
from ledger.block import COUNT_MAX, closing_key
from ledger.reference.tables import load_tables
from ledger.statement import REGISTRAR, parse_statement, sign_statement
from ledger.verify.audit import audit
from ledger.verify.ranges import RANGE, Checking, Range, ranges_of
from ledger.verify.verdict import Outcome
from ledger.wire import cbor, cose


@pytest.fixture(scope="module")
def trail() -> Trail:
    return trade("linked")[0]


def look(trail: Trail, source: Source, *, rules: bool):
    return audit(source, tables=load_tables(), trust=trail.trust, rules=rules)


def failed(trail: Trail, leaves: list[bytes], *, rules: bool = False) -> tuple[str, str]:
    report = look(trail, Source(leaves, note_of(trail, leaves)), rules=rules)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure is not None
    return report.first_failure.check, report.first_failure.code


def resigned(trail: Trail, raw: bytes, *, iat: int | None = None, party: str = REGISTRAR) -> bytes:
    event = parse_statement(raw).event
    state = trail.reader.ledger().state
    kid = closing_key(state, purpose="closing", index=trail.store.head().size)
    return sign_statement(
        event=event,
        signer=trail.made.signers[kid],
        party=party,
        ledger=trail.ledger,
        iat=event.at if iat is None else iat,
    )


WRONG = {
    "height": (lambda event: replace(event, height=event.height + 1), "blocks.linked"),
    "first": (lambda event: replace(event, first=event.first - 1), "blocks.linked"),
    "count": (lambda event: replace(event, count=event.count + 1), "blocks.linked"),
    "last": (lambda event: replace(event, last=bytes(32)), "blocks.linked"),
    "at": (lambda event: replace(event, at=event.at - 1_000), "blocks.linked"),
    "root": (lambda event: replace(event, root=bytes(32)), "closings.root"),
}


@pytest.mark.parametrize("name", WRONG)
def test_no_word_of_a_closing_may_be_another(trail: Trail, name: str) -> None:
    forge, check = WRONG[name]
    liar = rewritten(trail, forge=forge)
    assert failed(trail, liar.leaves) == (check, f"closing.{name}")
    with_rules, _ = failed(trail, liar.leaves, rules=True)
    assert with_rules in (check, "closings.signed", "rules.replayed")


def test_who_signed_a_closing_and_when_is_looked_at(trail: Trail) -> None:
    honest = rewritten(trail).leaves
    event = parse_statement(honest[-1]).event
    for more in ({"iat": event.at + 1}, {"party": "parks"}):
        leaves = [*honest[:-1], resigned(trail, honest[-1], **more)]
        assert failed(trail, leaves) == ("closings.signed", "closing.headers")
        assert failed(trail, leaves, rules=True)[0] == "closings.signed"


def test_a_leaf_that_names_another_algorithm_than_its_key_is_bad(trail: Trail) -> None:
    """The signature holds under the key; what was signed says that it is of another kind."""
    honest = rewritten(trail).leaves
    place = next(n for n, raw in enumerate(honest) if parse_statement(raw).party == "farm")
    sign1 = cose.decode_sign1(honest[place])
    protected = cbor.encode({**cbor.decode(sign1.protected), 1: keys.ESP256})
    message = cose.sig_structure(protected=protected, payload=sign1.payload)
    signature = trail.pens["farm"].signer.sign(message)
    bad = cose.encode_sign1(cose.Sign1(protected, sign1.payload, signature))
    leaves = [*honest[:place], bad, *honest[place + 1 :]]
    for rules in (True, False):
        assert failed(trail, leaves, rules=rules) == ("signatures.good", "signature.alg")


def test_leaves_after_the_last_closing_are_none(trail: Trail) -> None:
    honest = rewritten(trail).leaves
    assert failed(trail, honest[:-1]) == ("blocks.linked", "closing.missing")
    assert failed(trail, honest[:-1], rules=True) == ("blocks.linked", "closing.missing")


def test_a_run_without_a_closing_is_too_long_at_last(trail: Trail) -> None:
    honest = rewritten(trail).leaves
    filler = next(raw for raw in honest if parse_statement(raw).type == "PartyEnrolled")
    event = parse_statement(honest[-1]).event
    first = len(honest) - event.count - 1
    leaves = [*honest[:first], *[filler] * (COUNT_MAX + 1)]
    closing = replace(event, count=COUNT_MAX + 1)
    state = trail.reader.ledger().state
    kid = closing_key(state, purpose="closing", index=len(leaves))
    signed = sign_statement(
        event=closing,
        signer=trail.made.signers[kid],
        party=REGISTRAR,
        ledger=trail.ledger,
        iat=event.at,
    )
    assert failed(trail, [*leaves, signed]) == ("blocks.linked", "closing.count")


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 1_023, 1_024, 1_025])
@pytest.mark.parametrize("start", [0, 1, 255, 256, 257, 512, 700])
def test_ranges_are_all_leaves_once_and_join_at_every_edge(size: int, start: int) -> None:
    from ledger.log.frontier import Frontier
    from ledger.log.tree import leaf_hash

    if start > size:
        return
    found = ranges_of(size, start=start)
    assert [index for one in found for index in range(one.first, one.stop)] == list(range(size))
    assert all(0 < one.stop - one.first <= RANGE for one in found)
    assert all(one.judged is (one.first >= start) for one in found)
    raws = [index.to_bytes(3, "big") for index in range(size)]
    checking = Checking(lambda first, stop: raws[first:stop])
    grafted = Frontier()
    for one in found:
        for level, node in checking.check(Range(one.first, one.stop, judged=False)).nodes:
            grafted.graft(level, node)
    whole = Frontier()
    whole.extend(map(leaf_hash, raws))
    assert (grafted.size, grafted.root()) == (size, whole.root())


def test_a_range_that_is_shorter_than_asked_names_the_first_leaf_that_is_missing() -> None:
    def few(start: int, stop: int) -> list[bytes]:
        return [b""] * (min(stop, 600) - start)

    facts = Checking(few).check(Range(512, 1_024, judged=False))
    assert facts.bad is not None
    assert (facts.bad.index, facts.bad.code) == (600, "leaves.missing")
