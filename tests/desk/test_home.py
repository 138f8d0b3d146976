"""A home: who may read it, and what it remembers."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.desk.home import Home, check_private, write_file
from ledger.desk.memory import Memory
from ledger.errors import MalformedError, NotFoundError, ProofError, UsageError
from ledger.keys import ED25519, PrivateKey
from ledger.simulator.world import SeededEntropy

SEED = bytes(range(32))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def keep(home: Home, name: str = "farm") -> Path:
    private = PrivateKey.from_seed(ED25519, SEED)
    return home.save_key(name, private, passphrase="secret", entropy=SeededEntropy())


def test_a_key_file_is_sealed_and_private(home: Home) -> None:
    file = keep(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert SEED not in file.read_bytes()
    opened = home.private_key("farm", passphrase=lambda: "secret")
    assert opened.kid == PrivateKey.from_seed(ED25519, SEED).kid


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_file_that_others_read_is_refused_before_a_passphrase_is_asked(
    home: Home, mode: int
) -> None:
    keep(home).chmod(mode)
    with pytest.raises(ProofError) as caught:
        home.private_key("farm", passphrase=lambda: pytest.fail("asked"))
    assert caught.value.code == "home.key-open"


def test_a_folder_that_others_read_is_refused(home: Home) -> None:
    file = keep(home)
    file.parent.chmod(0o755)
    with pytest.raises(ProofError):
        check_private(file)


def test_a_key_is_never_overwritten(home: Home) -> None:
    keep(home)
    with pytest.raises(UsageError) as caught:
        keep(home)
    assert caught.value.code == "home.key-exists"


@pytest.mark.parametrize("name", ["", "../root", "Farm", ".hidden", "a/b"])
def test_a_key_has_a_plain_name(home: Home, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        keep(home, name)
    assert caught.value.code == "home.key-name"


def test_a_missing_key_says_how_to_make_one(home: Home) -> None:
    with pytest.raises(NotFoundError) as caught:
        home.key_name("farm")
    assert "key create" in caught.value.hint


def test_settings_are_kept_and_damage_is_said(home: Home) -> None:
    home.remember(party="farm", ledger=None)
    home.remember(ledger="/srv/ledger")
    assert home.settings() == {"party": "farm", "ledger": "/srv/ledger"}
    write_file(home.path / "config.json", b"[1]")
    with pytest.raises(MalformedError):
        home.settings()


def test_numbers_of_a_key_never_fall(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    kid = bytes(32)
    assert not memory.knows(kid)
    memory.use_number(kid, 7)
    memory.use_number(kid, 3)
    memory.save()
    again = Memory(tmp_path / "memory.json")
    assert again.last_number(kid) == 7
    assert again.knows(kid)
