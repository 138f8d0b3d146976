"""Stories: cases of the trade as a page that people read and a machine plays.

Owns the format of docs/stories: prose, a cast, sheets, and commands of `ringmark` with what they
must answer. It runs nothing itself; how a command is run is an argument.

    ```cast
    parks ZW authority
    kariba-farm ZW farm
    ```
    ```story
    kariba-farm$ facility register pens --kind farm --country ZW
    kariba-farm$ lot register --basis bred --facility pens --taxon "Crocodylus niloticus" …
      -> bale = lots.0
    +3d
    limpopo-tannery$ lot split {bale}:2
      ! custody.not-holder
    ```
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ledger.ambient import SettableClock
from ledger.errors import MalformedError, RefusedError

Run = Callable[[str, Sequence[str]], Mapping[str, Any]]
"""Runs one command as a party and returns its one JSON object, failures too."""
HOUR_S = 3_600
_UNITS = {"s": 1, "m": 60, "h": HOUR_S, "d": 24 * HOUR_S}
_COMMAND = re.compile(r"([a-z0-9-]{2,32})\$ (.+)")
_WAIT = re.compile(r"\+(\d+)([smhd])")
_BLOCK = re.compile(
    r"^```(cast|story|csv|json|labels)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_REPEAT = re.compile(r"repeat=(\d+)\.\.(\d+)")


class Step(Struct):
    """One command: who gives it, its words, what to remember of its answer, what it must say."""

    line: int
    party: str
    command: str
    captures: dict[str, str] = field(default_factory=dict)
    expects: dict[str, str] = field(default_factory=dict)
    refused: str | None = None


class Wait(Struct, frozen=True):
    """Time that passes, in seconds."""

    line: int
    seconds: int


class Sheet(Struct, frozen=True):
    """A file that a party has on its disk; `%name%` stands for what was captured."""

    line: int
    name: str
    body: str


class Member(Struct, frozen=True):
    """One of the cast: a party, its country, its roles and, for officers, more options."""

    party: str
    country: str
    options: tuple[str, ...]


class Story(Struct, frozen=True):
    """A title, a cast, what happens, and the lots to look at: a captured name and words."""

    title: str
    cast: tuple[Member, ...]
    acts: tuple[Step | Wait | Sheet, ...]
    labels: tuple[tuple[str, str], ...] = ()


def parse_story(text: str) -> Story:
    """Return the story of a page; raise MalformedError with the line that is of no known form."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    cast: list[Member] = []
    acts: list[Step | Wait | Sheet] = []
    labels: list[tuple[str, str]] = []
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        kind, info, body = block.groups()
        if kind == "cast":
            cast.extend(_member(words) for words in body.splitlines() if words.strip())
        elif kind in ("csv", "json"):
            acts.append(_sheet(line, info.split(), body))
        elif kind == "labels":
            labels.extend(_label(row) for row in body.splitlines() if row.strip())
        else:
            _read_acts(body, line, acts)
    return Story(found[1] if found else "", tuple(cast), tuple(acts), tuple(labels))


def demo_story() -> Story:
    """Return the cases of `ringmark demo`."""
    page = resources.files("ledger.simulator").joinpath("cases/demo.md")
    return parse_story(page.read_text(encoding="utf-8"))


class Player:
    """Plays stories: runs each command, waits, and holds the answers to what the page says."""

    def __init__(
        self,
        run: Run,
        *,
        folder: Path,
        clock: SettableClock,
        pass_time: Callable[[int], None],
        after: Callable[[Step], None] | None = None,
    ) -> None:
        """`folder` is where sheets and requests lie; `pass_time` lets seconds go by."""
        self.names: dict[str, str] = {}
        self._run = run
        self._folder = folder
        self._clock = clock
        self._pass_time = pass_time
        self._after = after

    def enrol(self, cast: Sequence[Member], *, root: str = "root") -> None:
        """Make a key for each of the cast; the authority of its country enrols it, or root."""
        offices: dict[str, str] = {}
        for member in cast:
            request = str(self._folder / f"{member.party}.request.json")
            self._must(member.party, ["key", "create", "--out", request])
            by = root if "authority" in member.options else offices.get(member.country, root)
            options = [*member.options, "--country", member.country]
            self._must(by, ["party", "enrol", request, *options])
            if "authority" in member.options:
                offices[member.country] = member.party

    def play(self, story: Story) -> None:
        """Play a story to its end; raise RefusedError `story.broken` where it goes otherwise."""
        for act in story.acts:
            match act:
                case Step():
                    self._step(act)
                case Wait():
                    self._pass_time(act.seconds)
                case Sheet():
                    self._write(act)

    def _write(self, sheet: Sheet) -> None:
        body = sheet.body
        for name, value in self.names.items():
            body = body.replace(f"%{name}%", value)
        (self._folder / sheet.name).write_text(body, encoding="utf-8")

    def _step(self, step: Step) -> None:
        words = shlex.split(step.command.format_map(self.names))
        answer = self._run(step.party, words)
        refused = answer.get("error", {}).get("code")
        if refused != step.refused:
            said = answer.get("error", {}).get("message", "it was done")
            raise _broken(step, f"expected {step.refused or 'no error'}, got {refused}: {said}")
        for path, expected in step.expects.items():
            found = _look_up(answer, path)
            if str(found) != expected.format_map(self.names):
                raise _broken(step, f"{path} is {found}, expected {expected}")
        for name, path in step.captures.items():
            found = _look_up(answer, path)
            if found is None:
                raise _broken(step, f"the answer has no {path}: {sorted(answer)}")
            self.names[name] = str(found)
        self._clock.advance(60)
        if self._after is not None and step.refused is None:
            self._after(step)

    def _must(self, party: str, words: Sequence[str]) -> None:
        self._step(Step(0, party, shlex.join(words)))


def _broken(step: Step, why: str) -> RefusedError:
    return RefusedError(
        "story.broken",
        f"Line {step.line}: {step.party}$ {step.command}: {why}",
        params={"line": step.line},
    )


def _look_up(answer: Any, path: str) -> Any:
    found = answer
    for part in path.split("."):
        if isinstance(found, list):
            place = int(part) if part.lstrip("-").isdigit() else len(found)
            found = found[place] if -len(found) <= place < len(found) else None
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None:
            return None
    return found


def _member(words: str) -> Member:
    party, country, *options = words.split()
    roles = [part for role in options if "=" not in role for part in ("--role", role)]
    more = [part for option in options if "=" in option for part in _option(option)]
    return Member(party, country, (*roles, *more))


def _option(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return f"--{name}", value


def _label(row: str) -> tuple[str, str]:
    name, _, words = row.partition(" ")
    return name.strip("{}"), words


def _sheet(line: int, info: list[str], body: str) -> Sheet:
    if not info:
        raise MalformedError("story.sheet", f"Line {line}: a sheet needs a file name.")
    repeat = _REPEAT.search(" ".join(info))
    if repeat:
        head, *rows = body.splitlines()
        numbers = range(int(repeat[1]), int(repeat[2]) + 1)
        lines = [head, *(row.format(n=n) for n in numbers for row in rows)]
        body = "\n".join(lines) + "\n"
    return Sheet(line, info[0], body)


def _read_acts(body: str, line: int, acts: list[Step | Wait | Sheet]) -> None:
    joined = re.sub(r" \\\n +", lambda _: " ", body)
    for offset, row in enumerate(joined.splitlines()):
        here, words = line + offset, row.strip()
        last = acts[-1] if acts and isinstance(acts[-1], Step) else None
        if not words or words.startswith("#"):
            continue
        if found := _WAIT.fullmatch(words):
            acts.append(Wait(here, int(found[1]) * _UNITS[found[2]]))
        elif found := _COMMAND.fullmatch(words):
            acts.append(Step(here, found[1], found[2]))
        elif last is not None and words.startswith("-> "):
            name, _, path = words[3:].partition(" = ")
            last.captures[name] = path
        elif last is not None and words.startswith("== "):
            path, _, expected = words[3:].partition(" ")
            last.expects[path] = expected
        elif last is not None and words.startswith("! "):
            last.refused = words[2:]
        else:
            raise MalformedError("story.line", f"Line {here}: {words!r} is of no known form.")
