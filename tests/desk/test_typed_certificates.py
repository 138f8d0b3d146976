"""The scope of a certificate as it is typed."""

from __future__ import annotations

import pytest

from ledger.custody.certification import CertificateScope, ProductGroup
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
