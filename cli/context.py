"""What every command needs: home, ledger, party, clock, output, made from the global options.

Owns the choice between a folder and an address, and where a passphrase comes from. Everything is
made when it is first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from cli.output import Output
from ledger.ambient import Clock, Entropy, SettableClock, SystemClock, SystemEntropy
from ledger.errors import MalformedError, NotFoundError, UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.desk.desk import Desk
    from ledger.desk.home import Home
    from ledger.desk.source import Source
    from ledger.keys import PrivateKey
    from ledger.reader import Reader
    from ledger.registrar import Registrar
    from ledger.trust import Trust, TrustedLedger

ID_CHARS = 64
PASSPHRASE_VARIABLE = "RINGMARK_PASSPHRASE"  # noqa: S105 - the name of a variable


class Options(Struct, frozen=True):
    """The global options, as given."""

    home: str | None = None
    ledger: str | None = None
    database: str | None = None
    party: str | None = None
    key: str | None = None
    lang: str | None = None
    is_json: bool = False
    now: str | None = None
    passphrase_fd: int | None = None
    clock_ok: bool = False


class Session:
    """One run of the command line; a test hands in its own clock and randomness."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        unsealed: dict[str, PrivateKey] | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.options = Options()
        self.output = Output()
        self.clock: Clock = clock or SystemClock()
        self.entropy: Entropy = entropy or SystemEntropy()
        self._pause = pause or time.sleep
        self._passphrases: dict[str, str] = {}
        self._unsealed: dict[str, PrivateKey] = {} if unsealed is None else unsealed
        self._closing: list[Any] = []
        self._wants_receipts = False

    def use(self, options: Options) -> None:
        """Take over the global options."""
        self.options = options
        self.output = Output(is_json=options.is_json)
        if options.now is not None:
            self.clock = SettableClock(text.parse_time(options.now))

    def wait(self, seconds: int) -> None:
        """Wait as long as a ledger asked for, and say so."""
        self.output.say(f"The ledger is busy; trying again in {seconds} s.")
        self._pause(seconds)

    def on_close(self, opened: Any) -> None:
        """Close what was opened when the command is done."""
        self._closing.append(opened)

    def close(self) -> None:
        """Let go of what was opened."""
        while self._closing:
            self._closing.pop().close()

    @cached_property
    def home(self) -> Home:
        """Return the person's home directory."""
        from ledger.desk.home import Home, default_home

        return Home(Path(self.options.home).expanduser() if self.options.home else default_home())

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Return what the home remembers."""
        return self.home.settings()

    @property
    def lang(self) -> str:
        """Return the language of messages: en, fr or es."""
        return self.options.lang or "en"

    @property
    def party(self) -> str:
        """Return who acts; raise UsageError where nobody was named."""
        named = self.options.party or self.settings.get("party")
        if not isinstance(named, str):
            raise UsageError(
                "cli.party-missing",
                "Who are you?",
                hint="Name a party: --as PARTY, or RINGMARK_AS.",
            )
        return text.check_party(named)

    @property
    def place(self) -> str:
        """Return where the ledger is: a folder or an address."""
        named = self.options.ledger or self.settings.get("ledger")
        if not isinstance(named, str):
            raise UsageError(
                "cli.ledger-missing",
                "Which ledger?",
                hint="Name a folder or an address: --ledger DIR|URL, or RINGMARK_LEDGER.",
            )
        return named

    @property
    def database(self) -> str | None:
        """Return the address of the ledger's database, if one was named."""
        named = self.options.database
        if named is None:
            return None
        from ledger.storage.places import is_address, local_directory

        if is_address(named):
            return named
        if self.directory != local_directory(named):
            raise UsageError(
                "cli.database-elsewhere",
                f"The database {named} belongs to another folder than {self.directory}.",
                hint="Name the folder alone: --ledger DIR",
            )
        return None

    @property
    def is_remote(self) -> bool:
        """Return whether the ledger is behind an address."""
        return "://" in self.place

    @property
    def directory(self) -> Path:
        """Return the ledger's folder; raise UsageError for an address."""
        if self.is_remote:
            raise UsageError(
                "cli.ledger-remote",
                f"{self.place} is an address; this command needs the ledger's folder.",
                hint="Run it where the ledger is kept: --ledger DIR",
            )
        place = Path(self.place)
        if place.is_file():
            raise UsageError(
                "cli.ledger-file",
                f"{place} is a file; a ledger is a folder or an address.",
                hint="Name the folder that `ringmark init` made: --ledger DIR",
            )
        return place

    def trust(self, file: str | None = None) -> Trust:
        """Return what is trusted: a file that was named, else the home's, else the folder's own."""
        from cli.files import trust_in

        if file is not None:
            return trust_in(file)
        if self.home.trust_path.exists():
            return trust_in(str(self.home.trust_path))
        own = self._own_trust()
        if own is None:
            raise NotFoundError(
                "cli.trust-missing",
                f"There is no trust file in {self.home.path} yet.",
                hint="Get one from the authority, then: ringmark key create --trust FILE",
            )
        return own

    @cached_property
    def trusted(self) -> TrustedLedger:
        """Return what is trusted of the ledger in use; its id is taken from the trust file."""
        own = self._own_trust()
        if own is not None:
            return self._known_better(own.ledgers[0])
        trust = self.trust()
        if len(trust.ledgers) == 1:
            return trust.ledgers[0]
        about = self.source.about()
        named = text.decode_hex(str(about.get("ledger", "")), size=32)
        return trust.ledger(named)

    @cached_property
    def source(self) -> Source:
        """Return the ledger to read from and send to."""
        if self.is_remote:
            from cli.proving import reading_token
            from ledger.desk.source_remote import RemoteSource

            return RemoteSource(self.place, prove=partial(reading_token, self))
        return self._local_source()

    def source_with_receipts(self) -> Source:
        """Return the ledger to read from, able to sign RFC 9942 receipts where it is local."""
        self._wants_receipts = True
        return self.source

    @cached_property
    def key_name(self) -> str:
        """Return the name of the key that signs."""
        return self.options.key or self.home.key_name(self.party)

    def private_key(self, name: str) -> PrivateKey:
        """Return a key of the home, opened."""
        place = str(self.home.path / name)
        if place not in self._unsealed:
            found = self.home.private_key(name, passphrase=lambda: self.passphrase(name))
            self._unsealed[place] = found
        return self._unsealed[place]

    def desk(self) -> Desk:
        """Return the desk of the party that acts."""
        from ledger.desk.desk import Desk

        return Desk(
            home=self.home,
            trusted=self.trusted,
            party=self.party,
            signer=self.private_key(self.key_name),
            source=self.source,
            clock=self.clock,
            entropy=self.entropy,
        )

    def passphrase(self, name: str, *, is_new: bool = False) -> str:
        """Return a passphrase: from --passphrase-fd, RINGMARK_PASSPHRASE, or the keyboard."""
        if name not in self._passphrases:
            self._passphrases[name] = self._ask_passphrase(name, is_new=is_new)
        return self._passphrases[name]

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before what cannot be undone; raise UsageError where nobody can be asked."""
        if yes:
            return
        if self.options.is_json or not sys.stdin.isatty():
            raise UsageError(
                "cli.confirm",
                f"{question} This cannot be undone, and nobody is here to be asked.",
                hint="Say --yes.",
            )
        click.confirm(question + " This cannot be undone.", abort=True, err=True)

    @contextmanager
    def writer(self) -> Iterator[Registrar]:
        """Open the ledger of this machine for writing, and let go of it again."""
        from ledger.wiring import open_ledger

        phrase, vouched = self.server_phrase(), self.options.clock_ok
        with open_ledger(
            self.directory,
            clock=self.clock,
            passphrase=phrase,
            clock_ok=vouched,
            database=self.database,
        ) as opened:
            hours = opened.registrar.hours_ahead()
            asked = f"The clock is {hours} hours ahead of the ledger's last block. Is it right?"
            if hours and not vouched and not self.options.is_json and sys.stdin.isatty():
                click.confirm(asked, abort=True, err=True)
                opened.registrar.vouch_for_clock()
            yield opened.registrar

    def _ask_passphrase(self, name: str, *, is_new: bool) -> str:
        if self.options.passphrase_fd is not None:
            from cli.files import first_line

            return first_line(self.options.passphrase_fd)
        if (named := os.environ.get(PASSPHRASE_VARIABLE)) is not None:
            return named
        if not sys.stdin.isatty():
            raise UsageError(
                "cli.passphrase-missing",
                f"The key {name} needs its passphrase.",
                hint=f"Use --passphrase-fd N or {PASSPHRASE_VARIABLE}.",
            )
        asked = f"{'New passphrase' if is_new else 'Passphrase'} of key {name}"
        typed: str = click.prompt(asked, hide_input=True, confirmation_prompt=is_new, err=True)
        return typed

    def _known_better(self, own: TrustedLedger) -> TrustedLedger:
        """Return what the home says of a folder's ledger, if anything; else the folder's word.

        A folder of this machine is trusted as the machine is, but never against a trust file that
        somebody chose to keep.
        """
        if not self.home.trust_path.exists():
            return own
        kept = self.trust().ledgers
        return next((one for one in kept if one.ledger == own.ledger), own)

    def _own_trust(self) -> Trust | None:
        from ledger.trust import parse_trust

        if (self.options.ledger or self.settings.get("ledger")) is None or self.is_remote:
            return None
        file = self.directory / "trust.json"
        with suppress(MalformedError):
            if file.exists():
                return parse_trust(file.read_bytes())
        # What is wrong is worded where the file belongs; that takes a moment to load.
        from ledger.storage.trustfile import parsed_trust

        return parsed_trust(self.directory)

    @cached_property
    def reader(self) -> Reader:
        """Return the reader of a ledger of this machine."""
        from cli.reading import open_reader

        phrase = self.server_phrase() if self._wants_receipts else None
        opened, reader = open_reader(
            self.directory, self.database, receipts=self._wants_receipts, passphrase=phrase
        )
        self._closing.append(opened)
        return reader

    def _local_source(self) -> Source:
        from ledger.desk.source_local import LocalSource

        return LocalSource(self.reader, self.writer)

    def server_phrase(self) -> str | None:
        """Return the passphrase of a server's sealed keys, as the environment has it."""
        return os.environ.get(PASSPHRASE_VARIABLE)


def read_bytes(file: str) -> bytes:
    """Return the content of a file, `-` for stdin; raise NotFoundError where there is none."""
    if file == "-":
        return sys.stdin.buffer.read()
    path = Path(file)
    if path.is_dir():
        raise NotFoundError(
            "cli.file-missing",
            f"{file} is a folder, where a file is needed.",
            hint="Name the file in it.",
        )
    if not path.is_file():
        raise NotFoundError(
            "cli.file-missing",
            f"There is no file {file}.",
            hint=f"Files are looked for from here: {Path.cwd()}",
        )
    return path.read_bytes()


def write_bytes(file: str, body: bytes) -> None:
    """Write a result to a file, `-` for stdout."""
    if file == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    from ledger.desk.home import write_file

    write_file(Path(file), body)


def write_pieces(file: str, pieces: Iterable[bytes]) -> None:
    """Write a result piece by piece to a file."""
    from ledger.desk.home import write_file_of

    write_file_of(Path(file), pieces)


def read_id(value: str) -> bytes:
    """Return the 32 bytes of a statement id; raise MalformedError."""
    typed = value.strip().lower()
    if len(typed) != ID_CHARS or not set(typed) <= set("0123456789abcdef"):
        raise MalformedError(
            "statement.id",
            f"{value[:ID_CHARS]!r} is no id of a statement.",
            hint=f"It has {ID_CHARS} characters, 0-9 and a-f; see: ringmark lot history LOT",
        )
    return text.decode_hex(typed, size=32)
