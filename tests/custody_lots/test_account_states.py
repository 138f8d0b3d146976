"""Accounts and references: one state type for each, found by name and told by the record alone."""

from __future__ import annotations

import pytest

from ledger.custody.accounts import AllotmentAccount, AllottedRange, QuotaAccount
from ledger.custody.certification import (
    CreditAccount,
    CreditMonth,
    ShareAccount,
    ShareMonth,
)
from ledger.custody.references import (
    Ban,
    BanCountry,
    Figure,
    FigureHistory,
    Listing,
    ListingTaxon,
    MarkRegister,
    MarkRun,
    Quota,
    QuotaCountry,
    QuotaPeriod,
    QuotaTaxon,
    Suspension,
    SuspensionCountry,
)
from ledger.custody.state import State, state_type, state_types
from ledger.custody.subjects import Finding, Kind, Severity, Subject
from ledger.errors import MalformedError
from ledger.records import Record, decode_record, encode_record
from ledger.verify.gather import read_record
from ledger.wire import cbor

LEDGER = bytes(range(32))
QUOTA = Quota(
    quota="ID-2011-PYTHON-BREITENSTEINI-SKI",
    country="ID",
    taxon="Python breitensteini",
    amount=10_800,
    unit="NAR",
    from_day="2011-01-01",
    until_day="2011-12-31",
    counts="endorsement",
    binding="voluntary",
    terms=("SKI", "SKP"),
)
STOP = Finding("quota.exceeded", Severity.STOP, 7, bytes(32))
SAMPLES: dict[str, State] = {
    "account/quota/ID-2011": QuotaAccount(QUOTA, exported=8_570, imported=22_860, findings=(STOP,)),
    "account/allotment/farm/CROC/2026": AllotmentAccount(
        (AllottedRange("ZW-2026-", 1, 500, 6, "-NIL", "2026-01-01", used=((1, 7), (9, 9))),),
        due=99,
        replaced=1,
    ),
    "reference/quota-taxa/ID": QuotaCountry({"Python breitensteini": 1}),
    "reference/quotas/ID/Python breitensteini": QuotaTaxon(
        (QuotaPeriod("ID-2011", "2011-01-01", "2011-12-31"),)
    ),
    "reference/suspensions/LA": SuspensionCountry(
        {"Dalbergia": (Suspension("LA-1", "LA", "2018-11-01", taxon="Dalbergia"),)}
    ),
    "reference/listings/Dalbergia": ListingTaxon((Listing("Dalbergia", "II", "2017-01-02"),)),
    "reference/bans/GB": BanCountry(
        {"Elephantidae": (Ban("GB-IVORY", "GB", "Elephantidae", "2022-06-06", ("deal",)),)}
    ),
    "reference/figures/LOG>SAW": FigureHistory(
        (Figure("LOG>SAW", 65, 100, "2026-01-01", "confirmed", "UNECE DP-49"),)
    ),
    "account/credit/mill/SAW CMQ/FSC Mix Credit": CreditAccount(
        "FSC Mix Credit", (CreditMonth(24_312, 5),), opening="CM/FSC-COC/C-1"
    ),
    "account/share/mill/SAW CMQ/FSC Mix %": ShareAccount(
        "FSC Mix %", (ShareMonth(24_312, 100, 7_050, 7_000),)
    ),
    "reference/marks/CROC/ZW-2026-#6#-NIL": MarkRegister(
        (MarkRun(1, 500, "allotment/farm/CROC/2026"),), early=((600, 699),)
    ),
}


def subject_of(path: str) -> Subject:
    kind, _, name = path.partition("/")
    return Subject(Kind(kind), name)


@pytest.mark.parametrize("path", SAMPLES)
def test_record_of_an_account_or_reference_comes_back_as_it_was(path: str) -> None:
    # Given the state of an account or a reference
    subject, state = subject_of(path), SAMPLES[path]
    record = Record(subject, n=3, track=bytes(32), first=bytes(32), state=state)
    # When its record is written
    written = encode_record(record, ledger=LEDGER)
    # Then its name brings it back, and without the name the record still tells what it is
    assert decode_record(subject, record=written.record, inner=b"", first=bytes(32)) == record
    told = read_record(written.path, written.record)
    assert (told.kind, told.findings) == (subject.kind, state.findings)
    assert type(told.state) is type(state)


def test_every_type_of_account_and_reference_has_a_sample() -> None:
    tables = {state for kind, state in state_types() if kind in (Kind.ACCOUNT, Kind.REFERENCE)}
    # Every type of the rule set is met above, but those whose family has samples of its own.
    assert {type(state) for state in SAMPLES.values()} <= tables
    for path, state in SAMPLES.items():
        assert state_type(subject_of(path)) is type(state)


def test_name_of_no_known_table_has_no_state() -> None:
    with pytest.raises(LookupError):
        state_type(Subject(Kind.ACCOUNT, "purse/farm"))


def test_record_of_no_known_table_is_refused() -> None:
    written = encode_record(
        Record(Subject(Kind.ACCOUNT, "quota/X"), 1, bytes(32), bytes(32), QuotaAccount(QUOTA)),
        ledger=LEDGER,
    )
    plain = cbor.decode(written.record)
    assert isinstance(plain, dict)
    with pytest.raises(MalformedError, match=r"no known table"):
        read_record(written.path, cbor.encode(plain | {"account": "purse"}))


def test_larger_word_of_exporters_and_importers_counts_and_nothing_falls_below_zero() -> None:
    # Given the quota of Indonesia for 2011 with what exporters and importers said of it
    account = SAMPLES["account/quota/ID-2011"]
    assert isinstance(account, QuotaAccount)
    # Then the importers' larger word counts, and what is left is nothing, not a debt
    assert (account.used, account.left) == (22_860, 0)
