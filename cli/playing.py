"""Commands run in this process, for the demo and for stories: each party at its own desk.

Owns how a command line becomes its JSON answer without a new process. Knows no story.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.context import PASSPHRASE_VARIABLE, Session
from cli.main import main
from ledger.ambient import Entropy, SettableClock
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.keys import PrivateKey


STEP_S = 23 * 3_600
"""How long a ledger stands still at most: a day without a block asks for a person."""


class Desks:
    """The desks of several parties around one ledger, each with a home of its own."""

    def __init__(
        self,
        *,
        homes: Path,
        ledger: Path | str,
        folder: Path,
        clock: SettableClock,
        entropy: Entropy,
    ) -> None:
        """`homes` holds one home for each party, `folder` is where they all work."""
        self.ledger = ledger
        self._homes = homes
        self._folder = folder
        self._clock = clock
        self._entropy = entropy
        self._unsealed: dict[str, dict[str, PrivateKey]] = {}

    def work_in(self, folder: Path) -> None:
        """Let all desks work in another folder from now on."""
        self._folder = folder

    def run(self, party: str, words: Sequence[str]) -> Mapping[str, Any]:
        """Run one command as `party` and return its JSON answer, failures too."""
        unsealed = self._unsealed.setdefault(party, {})
        session = Session(clock=self._clock, entropy=self._entropy, unsealed=unsealed)
        options = ["--home", str(self._homes / party), "--as", party, "--json"]
        if words[0] != "init":
            options += ["--ledger", str(self.ledger)]
        shown = io.StringIO()
        with _in_folder(self._folder), contextlib.redirect_stdout(shown):
            main([*options, *words], session)
        session.close()
        # With --json every command prints exactly one object, also where it fails.
        answer: Mapping[str, Any] = text.json_loads(shown.getvalue())
        return answer

    def pass_time(self, seconds: int) -> None:
        """Let seconds go by; the ledger closes empty blocks meanwhile, as a server does."""
        from ledger.wiring import open_ledger

        with open_ledger(Path(self.ledger), clock=self._clock) as opened:
            while seconds > 0:
                step = min(seconds, STEP_S)
                self._clock.advance(step)
                seconds -= step
                opened.registrar.heartbeat()


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before, phrase = Path.cwd(), os.environ.get(PASSPHRASE_VARIABLE)
    os.chdir(folder)
    os.environ[PASSPHRASE_VARIABLE] = phrase or "demo"
    try:
        yield
    finally:
        os.chdir(before)
        if phrase is None:
            del os.environ[PASSPHRASE_VARIABLE]
