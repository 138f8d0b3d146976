"""What a command prints: the result to stdout, talk to stderr, one JSON object with `--json`.

Owns the shapes of docs/cli.md (Output). Knows no ledger: values and lines come in.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from ledger.errors import RefusedError, RingmarkError, UsageError
from ledger.wire import text

Progress = Callable[[int, int], None]
_UTF_8 = ("utf-8", "utf8")
# What a terminal would obey or hide: in names of files, in answers of a server, in what others
# typed. Our own bold and faint come first, so that they stay.
_FOREIGN = re.compile(
    "\x1b\\[[012]m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


class Output:
    """Where a command prints; each command gives one result."""

    def __init__(self, *, is_json: bool = False) -> None:
        self.is_json = is_json
        self._is_file = False

    def give_stdout(self, option: str) -> None:
        """Let a file have stdout alone: whoever pipes it gets the file and nothing else.

        Results go to stderr from then on. Raise UsageError with `--json`, which wants stdout too.
        """
        if self.is_json:
            raise UsageError(
                "cli.two-outputs",
                f"{option} - and --json both want the standard output.",
                hint="Name a file, or leave --json out.",
            )
        self._is_file = True

    def result(
        self, plain: Mapping[str, Any], lines: Sequence[str] = (), *, ok: bool = True
    ) -> None:
        """Print the result of a command: one JSON object, or lines for people."""
        if self.is_json:
            _write(sys.stdout, text.json_dumps({"ok": ok, **plain}))
            return
        for line in lines:
            _write(sys.stderr if self._is_file else sys.stdout, line)

    def document(self, body: str, plain: Mapping[str, Any]) -> None:
        """Print a text that is itself the result, such as a note or a script: whole to a pipe."""
        if self.is_json:
            _write(sys.stdout, text.json_dumps({"ok": True, **plain}))
            return
        shown = _FOREIGN.sub(_plain, body) if sys.stdout.isatty() else body
        bare = getattr(sys.stdout, "buffer", None)
        if bare is None:
            sys.stdout.write(shown)
        else:
            # A signed note is UTF-8 whatever the terminal has.
            bare.write(shown.encode("utf-8"))
        sys.stdout.flush()

    def say(self, line: str) -> None:
        """Tell the person something that is no result."""
        if not self.is_json:
            _write(sys.stderr, line)

    def next(self, *commands: str) -> None:
        """Tell which command comes next."""
        for command in commands:
            self.say(self.dim(f"next: {command}"))

    def fail(self, error: RingmarkError) -> None:
        """Print why a command failed."""
        if self.is_json:
            _write(sys.stdout, text.json_dumps({"ok": False, **failure(error)}))
            return
        word = "refused" if isinstance(error, RefusedError) else "error"
        _write(sys.stderr, f"{self.bold(word)} ({error.code}): {error.message}")
        if error.hint:
            _write(sys.stderr, error.hint)

    def usage(self, help_text: str) -> None:
        """Show how a group of commands is used, where none was named."""
        if self.is_json:
            self.fail(UsageError("cli.usage", "Missing command.", hint="See: ringmark --help"))
        else:
            _write(sys.stderr, help_text)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
        """Return rows as aligned lines, headings first."""
        cells = [[*map(str, row)] for row in (headings, *rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        ]
        return [self.heading(lines[0]), *lines[1:]]

    @contextmanager
    def progress(self, label: str) -> Iterator[Progress]:
        """Show how far long work is; silent where nobody looks at it."""
        if self.is_json or not _is_terminal(sys.stderr):
            yield lambda _done, _total: None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=None)

            def show(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            yield show

    def heading(self, line: str) -> str:
        """Return a line of a result as bold, where a terminal shows it; a file has none."""
        return _styled(line, "1", sys.stderr if self._is_file else sys.stdout)

    def bold(self, line: str) -> str:
        """Return a line of talk as bold, where the terminal shows it."""
        return _styled(line, "1", sys.stderr)

    def dim(self, line: str) -> str:
        """Return a line of talk as faint, where the terminal shows it."""
        return _styled(line, "2", sys.stderr)


def many(number: int, noun: str) -> str:
    """Return a number with its noun: `1 lot`, `2 lots`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def failure(error: RingmarkError) -> dict[str, Any]:
    """Return what `--json` says of a failure: `error`, and `refused` where a rule said no."""
    plain: dict[str, Any] = {
        "error": {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "params": dict(error.params),
        }
    }
    if isinstance(error, RefusedError):
        plain["refused"] = {
            "rule": error.code,
            "message": error.message,
            "hint": error.hint,
            "params": dict(error.params),
        }
    return plain


def write_anywhere(*, is_json: bool) -> None:
    """Let stdout print what its character set has not: as `?`, and in JSON as its number.

    What was done has been done by then: a dot in a heading must not make it look like a failure.
    JSON is ASCII where stdout is not UTF-8: whoever reads it need not know of what set it was.
    """
    if not isinstance(sys.stdout, io.TextIOWrapper) or sys.stdout.encoding.lower() in _UTF_8:
        return
    codecs.register_error("ringmark.json", _as_number)
    if is_json:
        sys.stdout.reconfigure(encoding="ascii", errors="ringmark.json")
    else:
        sys.stdout.reconfigure(errors="replace")


def _as_number(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _styled(line: str, code: str, stream: IO[str]) -> str:
    if os.environ.get("NO_COLOR") or not _is_terminal(stream):
        return line
    return f"\x1b[{code}m{line}\x1b[0m"


def _is_terminal(stream: IO[str]) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _write(stream: IO[str], line: str) -> None:
    stream.write(_FOREIGN.sub(_plain, line) + "\n")
    stream.flush()


def _plain(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) > 1 else "\N{REPLACEMENT CHARACTER}"
