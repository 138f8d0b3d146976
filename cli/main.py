"""The command `ringmark`: its groups, its global options, and the one place that catches errors.

Owns how an error becomes a message and an exit code. Commands raise; none of them catches.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from cli import completing
from cli.context import Options, Session
from cli.exits import USAGE, exit_code
from cli.lazy import LazyGroup
from cli.output import Output, write_anywhere
from ledger.errors import RefusedError, RingmarkError, UnavailableError

COMMANDS = {
    "demo": ("demo:demo", "A small living ledger with real cases, and the verifier."),
    "init": ("init:init", "Found a ledger."),
    "serve": ("serve:serve", "Serve a ledger and its pages."),
    "key": ("keys:key", "Your keys: create, use, list, add, rotate, revoke, recover."),
    "party": ("parties:party", "Parties: enrol, show, list, suspend, restore."),
    "approve": ("parties:approve", "Approve a pending act."),
    "root": ("founding:root", "The root keys of a ledger."),
    "registrar": ("founding:registrar", "The registrar's keys."),
    "rules": ("founding:rules", "The rule set in force."),
    "reference": ("reference:reference", "Taxa, terms, sources; quotas, suspensions, bans."),
    "mark": ("marks:mark", "Tags, seals and other marks: allot, return, replace."),
    "facility": ("facilities:facility", "Farms, plots, mills, tanneries."),
    "document": ("documents:document", "Permits, certificates, licences."),
    "lot": ("lots:lot", "Lots: register, split, measure, transform, depart, retire, find."),
    "container": ("containers:container", "Pack and open containers."),
    "transfer": ("transfers:transfer", "Offer, dispatch, accept, decline, withdraw."),
    "border": ("borders:border", "Say that goods left or entered a country."),
    "inspect": ("control:inspect", "An officer looked at goods."),
    "hold": ("control:hold", "An officer holds goods."),
    "release": ("control:release", "An officer lifts a hold."),
    "seize": ("control:seize", "An officer takes custody of goods."),
    "confiscate": ("control:confiscate", "Title of seized goods passes to the authority."),
    "seizure": ("control:seizure", "Seizures of goods that have no lot."),
    "attach": ("control:attach", "Tie a picture, scan or report to lots."),
    "finding": ("findings:finding", "Open findings: list, show, close."),
    "waiting": ("waiting:waiting", "What waits for an authority, and how to settle it."),
    "statement": ("statements:statement", "Statements: sign, decode, correct, drop, dispute."),
    "disclosure": ("statements:disclosure", "What a statement hides."),
    "label": ("labels:label", "Print and read labels."),
    "outbox": ("outbox:outbox", "What you signed and what became of it."),
    "export": ("exports:export", "Files that carry proof."),
    "verify": ("verify:verify", "Check a file offline."),
    "audit": ("audit:audit", "Check a whole ledger: every leaf, rule, link and record."),
    "checkpoint": ("checkpoint:checkpoint", "The signed size and root of a ledger."),
    "backup": ("backup:backup", "Copy a ledger."),
    "restore": ("restore:restore", "Make a lost ledger's folder anew."),
    "database": ("database:database", "Make a PostgreSQL database ready for a ledger."),
    "doctor": ("doctor:doctor", "Look over this desk and this ledger."),
    "completion": ("completion:completion", "Let the shell complete commands."),
}
_FLAGS = ("--json", "--clock-ok")
_VALUES = (
    "--home",
    "--ledger",
    "--database",
    "--as",
    "--key",
    "--lang",
    "--now",
    "--passphrase-fd",
)


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Your keys, trust and outbox (RINGMARK_HOME).")
@click.option("--ledger", metavar="DIR|URL", envvar="RINGMARK_LEDGER", help="Which ledger.")
@click.option(
    "--database",
    metavar="URL",
    envvar="RINGMARK_DATABASE",
    help="Where the ledger's database is, if not in its folder: postgresql://HOST/NAME.",
)
@click.option("--as", "party", metavar="PARTY", envvar="RINGMARK_AS", help="Who you are.")
@click.option("--key", metavar="NAME", help="Which of your keys signs.")
@click.option(
    "--lang",
    type=click.Choice(["en", "fr", "es"]),
    envvar="RINGMARK_LANG",
    help="Language of messages.",
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
@click.option("--now", metavar="TIME", help="Use this time, such as 2026-11-24T01:53:00Z.")
@click.option(
    "--passphrase-fd", type=int, metavar="N", help="Read the passphrase from this file descriptor."
)
@click.option("--clock-ok", is_flag=True, help="The clock is right, though the ledger stood still.")
@click.version_option(package_name="ringmark", prog_name="ringmark")
@click.pass_context
def ringmark(ctx: click.Context, /, **options: Any) -> None:
    """Ringmark, a provenance ledger for legal wildlife products.

    \b
    Examples:
      ringmark demo
      ringmark --as kariba-farm key create --trust trust.json
      ringmark lot register --from skins.csv --basis bred --facility pens
      ringmark transfer offer 7K3M-9QXF-2W50 --to limpopo-tannery
      ringmark verify lot.bundle --trust trust.json

    Global options may stand anywhere. Every command has --help, examples first.
    """
    session = ctx.obj if isinstance(ctx.obj, Session) else Session()
    session.use(Options(**options))
    ctx.obj = session
    ctx.call_on_close(session.close)


def main(argv: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Run one command and return its exit code; `session` is a test's own outside world."""
    arguments = hoist(list(sys.argv[1:] if argv is None else argv))
    output = Output(is_json="--json" in arguments)
    if completing.is_asked():
        completing.complete_files(ringmark)
    with _streams():
        write_anywhere(is_json=output.is_json)
        try:
            return _run(arguments, session or Session(), output)
        except (OSError, SystemExit) as error:
            if completing.is_asked() and isinstance(error, SystemExit):
                # Click ends so when it has told a shell what could stand next.
                return error.code if isinstance(error.code, int) else 0
            # Click ends the process with 1, which would say no, where nobody reads its output; and
            # where there is no room for the result there is none for why it failed either.
            return _unread()


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """Let output go nowhere where the process was given none: exit codes still tell the answer."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.ExitStack() as until:
        if sys.stdout is None:
            until.enter_context(contextlib.redirect_stdout(nowhere))
        if sys.stderr is None:
            until.enter_context(contextlib.redirect_stderr(nowhere))
        yield


def _run(arguments: list[str], session: Session, output: Output) -> int:
    try:
        code = ringmark.main(arguments, "ringmark", standalone_mode=False, obj=session)
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        output.usage(error.format_message())
        return USAGE
    except click.ClickException as error:
        output.fail(_usage(error))
        return exit_code(error)
    except (click.Abort, KeyboardInterrupt) as error:
        output.fail(RefusedError("cli.cancelled", "Cancelled. Nothing more was done."))
        return exit_code(error)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _system(error, output)
    except RingmarkError as error:
        output.fail(worded(error, session.lang))
        return exit_code(error)
    except Exception as error:
        return _fault(error, output)


def worded(error: RingmarkError, lang: str) -> RingmarkError:
    """Return a refusal with its sentence in the person's language; other errors as they are."""
    if not isinstance(error, RefusedError):
        return error
    from ledger.reference.wording import word, wordings

    if error.code not in wordings():
        return error
    message, hint = word(error.code, error.params, lang)
    hints = " ".join(part for part in (hint, error.hint) if part)
    return RefusedError(error.code, message, hint=hints, params=error.params)


def hoist(arguments: list[str]) -> list[str]:
    """Return the arguments with global options first, wherever they stood."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name = argument.partition("=")[0]
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _FLAGS or (name in _VALUES and "=" in argument):
            first.append(argument)
        elif argument in _VALUES:
            first += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        else:
            rest.append(argument)
    return first + rest


def _usage(error: click.ClickException) -> RingmarkError:
    from ledger.errors import NotFoundError, UsageError

    kind = NotFoundError if isinstance(error, click.FileError) else UsageError
    ctx = getattr(error, "ctx", None)
    hint = f"See: {ctx.command_path} --help" if ctx is not None else "See: ringmark --help"
    return kind("cli.usage", error.format_message(), hint=hint)


def _unread() -> int:
    """Say that nobody reads what is printed: whether it was done is to be asked again."""
    error = UnavailableError(
        "cli.pipe",
        "Nobody reads the output any more, or there is no room for it; some of it is lost.",
        hint="What was signed lies in the outbox. Run the command again to see its result.",
    )
    with contextlib.suppress(OSError, ValueError):
        Output().fail(error)
    with contextlib.suppress(OSError, ValueError, AttributeError):
        # Else the interpreter stumbles over the rest of the output when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_code(error)


def _system(error: OSError, output: Output) -> int:
    """Say what the operating system refused: no space, no permission, no such folder."""
    # Of two files, as in a copy, the second is the one that could not be written.
    named = error.filename2 or error.filename
    where = f": {named}" if named else ""
    refused = UnavailableError(
        "cli.system",
        f"{error.strerror or error}{where}",
        hint="Nothing was changed by halves. Mend this, then run the command again.",
    )
    output.fail(refused)
    return exit_code(refused)


def _fault(error: Exception, output: Output) -> int:
    import traceback

    if not output.is_json:
        traceback.print_exception(error)
    wrapped = RingmarkError(
        "cli.fault",
        f"Something broke on our side: {type(error).__name__}: {error}",
        hint="Nothing is lost: what was signed lies in the outbox. Please report this.",
    )
    output.fail(wrapped)
    return exit_code(error)
