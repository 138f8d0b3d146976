"""The scope of a certificate as it is typed."""

from __future__ import annotations

import pytest

from ledger.custody.certification import CertificateScope, CreditOpening, ProductGroup
from ledger.desk.certificates import read_scope
from ledger.errors import MalformedError


def test_groups_systems_and_contractors() -> None:
    scope = read_scope(
        ["SAW Swietenia macrophylla", "LOG"], systems=["credit", "credit"], outsourcing=True
    )
    groups = (ProductGroup("LOG"), ProductGroup("SAW", "Swietenia macrophylla"))
    assert scope == CertificateScope(groups, ("credit",), True)


def test_nothing_typed_is_no_scope() -> None:
    assert read_scope([], systems=[], outsourcing=False) is None


@pytest.mark.parametrize("words", ["", "planks of gold", "SAW Draco magnus"])
def test_what_is_no_group(words: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_scope([words], systems=[], outsourcing=False)
    assert caught.value.code == "certificate.group"


def test_credit_from_before_the_ledger() -> None:
    words = ["SAW 2 m3 2026-11", "saw 12.5 m3 2026-03"]
    scope = read_scope([], systems=["credit"], outsourcing=False, openings=words)
    assert scope is not None
    assert scope.opening == (
        CreditOpening("SAW", "CMQ", 2_000_000, "2026-11"),
        CreditOpening("SAW", "CMQ", 12_500_000, "2026-03"),
    )


@pytest.mark.parametrize(
    "words", ["", "SAW 12.5 m3", "SAW 12.5 armfuls 2026-03", "gold 1 m3 2026-03"]
)
def test_what_is_no_credit(words: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_scope([], systems=["credit"], outsourcing=False, openings=[words])
    assert caught.value.code == "certificate.opening"
