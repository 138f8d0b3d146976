"""`ringmark verify`: a file that carries proof, checked offline. No ledger, no network."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.context import Session, read_bytes, write_bytes
from cli.exits import outcome_code, worst_code
from cli.files import parsed
from cli.output import failure
from cli.scanning import add_label, judge_label, link_of
from cli.typed import document_name, pass_session, to_file
from ledger.errors import MalformedError, NotFoundError, UsageError

if TYPE_CHECKING:
    from ledger.trust import Trust
    from ledger.verify.checks import Remembered
    from ledger.verify.head import Asked
    from ledger.verify.verdict import Verdict

PROOF, STATEMENT = ".tlog-proof", ".cose"

SIZE_MAX = 256 << 20
"""The largest file that carries proof, a contradiction, in bytes."""


@click.command()
@click.argument("file", metavar="FILE", required=False)
@click.option("--trust", "trust_file", metavar="FILE", help="What you trust (your home's).")
@click.option("--batch", metavar="DIR", help="Every file of a folder.")
@click.option(
    "--statement", metavar="FILE", help="What a .tlog-proof is about, if not the .cose beside it."
)
@click.option("--code", metavar="CODE", help="The code that you read on the goods.")
@click.option("--mark", metavar="SCHEME/TEXT", help="The mark that you read on the goods.")
@click.option(
    "--document", type=document_name, metavar="CC/KIND/NUMBER", help="The name on the paper."
)
@click.option("--label", metavar="PHOTO|LINK", help="The label on the goods or the paper.")
@click.option(
    "--remember",
    metavar="FILE",
    callback=to_file,
    help="The largest checkpoint seen; kept up to date.",
)
@pass_session
@click.pass_context
def verify(
    ctx: click.Context,
    session: Session,
    /,
    *,
    file: str | None,
    trust_file: str | None,
    batch: str | None,
    statement: str | None,
    code: str | None,
    mark: str | None,
    document: str | None,
    label: str | None,
    remember: str | None,
) -> None:
    """Check a card, bundle, contradiction or .tlog-proof against what you trust.

    The exit code is the outcome of the proofs: 0 verified, 1 refuted, 3 undecided. Age and
    findings are in the verdict.

    \b
    Examples:
      ringmark verify lot.bundle --trust trust.json
      ringmark verify lot.card --code 7K3M-9QXF-2W50 --json
      ringmark verify permit.card --label photo-of-the-paper.jpg
      ringmark verify receipt.tlog-proof --statement statement.cose
      ringmark verify --batch ./bundles --trust trust.json
    """
    trust = session.trust(trust_file)
    if batch is not None:
        ctx.exit(_batch(session, batch, trust))
    if file is None:
        raise UsageError("cli.file-missing", "Which file?", hint="ringmark verify FILE")
    asked = _asked(code, mark, document, remember)
    payload = None
    if label is not None:
        link, card = link_of(label), _proof_bytes(file)
        verdict, payload = judge_label(session, link, card=card, trust=trust, asked=asked)
    else:
        data = _proof_bytes(file)
        raw = _statement_bytes(statement) if statement else _beside(Path(file))
        verdict = _verify(session, data, trust, asked=asked, statement=raw)
    if remember is not None:
        _remember(remember, verdict, asked.remembered if asked else None)
    plain, lines = shown(session, verdict)
    add_label(plain, lines, payload)
    is_verified = verdict.outcome.value == "verified"
    session.output.result({"file": file, **plain}, lines, ok=is_verified)
    ctx.exit(outcome_code(verdict.outcome.value))


def shown(session: Session, verdict: Verdict) -> tuple[dict[str, Any], list[str]]:
    """Return a verdict as JSON-able values and as lines for people."""
    from ledger.verify.verdict import verdict_json

    plain = verdict_json(verdict, lang=session.lang)
    word = plain["verdict"].upper().replace("-", " ")
    lines = [f"{word}: {plain['sentence']}", f"  {plain['next']}"]
    lines.append(f"  proofs: {plain['outcome']}, as of {plain['as_of'] or 'no time'}")
    for row in (plain["goods"] or {}).get("rows", ()):
        lines.append(f"  {row['quantity']} {row['unit']} {row['term']} {row['taxon']}")
    lines += _paper_lines(plain["paper"])
    for found in plain["findings"]:
        lines += _finding_lines(found)
    for check in plain["checks"]:
        detail = f" ({check['detail']})" if check["detail"] else ""
        lines.append(f"  {check['outcome']:<7} {check['kind']:<7} {check['name']}{detail}")
    return plain, lines


def _paper_lines(paper: Mapping[str, Any] | None) -> list[str]:
    if paper is None:
        return []
    from ledger.desk.amounts import show_quantity

    lines = [f"  {paper['status']}, last day {paper['until_day'] or 'none'}"]
    for row in paper["rows"]:
        amount, left = (show_quantity(row[name], row["unit"]) for name in ("quantity", "left"))
        lines.append(
            f"  {amount} {row['term']} of {row['taxon']}, source {row['source']},"
            f" origin {row['origin']}; still covered: {left}"
        )
    return lines


def _finding_lines(found: Mapping[str, Any]) -> list[str]:
    reach = "" if found["reaches"] else " (does not reach these goods)"
    lines = [f"  {found['severity']}: {found['rule']}: {found['sentence']}{reach}"]
    if found["innocent"]:
        lines.append(f"    innocent explanation: {found['innocent']}")
    if found["ended_by"]:
        lines.append(f"    ended by: {found['ended_by']}")
    return lines


def _verify(
    session: Session, data: bytes, trust: Trust, *, asked: Asked | None, statement: bytes | None
) -> Verdict:
    from ledger.verify.file import verify_bytes

    return verify_bytes(
        data, trust=trust, now_s=session.clock.now_s(), asked=asked, statement=statement
    )


def _beside(proof: Path) -> bytes | None:
    """Return the statement that lies beside a proof, as `export` puts it there, or None."""
    place = proof.with_suffix(STATEMENT)
    return _statement_bytes(str(place)) if proof.suffix == PROOF and place.is_file() else None


def _statement_bytes(file: str) -> bytes:
    """Return a statement, of one that is too long as much as shows that it is."""
    from ledger.form import SIZE_MAX as STATEMENT_MAX

    if not Path(file).is_file():
        return read_bytes(file)[: STATEMENT_MAX + 1]
    with open(file, "rb") as opened:
        return opened.read(STATEMENT_MAX + 1)


def _is_proved(statement: Path) -> bool:
    return statement.with_suffix(PROOF).is_file()


def _proof_bytes(file: str) -> bytes:
    """Return a file that carries proof; raise MalformedError for what is larger than any."""
    path = Path(file)
    piped = sys.stdin.buffer.read(SIZE_MAX + 1) if file == "-" else b""
    if len(piped) > SIZE_MAX or (path.is_file() and path.stat().st_size > SIZE_MAX):
        raise MalformedError(
            "file.size",
            f"{file} is larger than any file that carries proof.",
            hint="A card or bundle has 8 MiB at most, a contradiction 256 MiB. A whole log, a"
            " database or a folder is audited: ringmark audit",
            params={"file": file},
        )
    return piped or read_bytes(file)


def _batch(session: Session, folder: str, trust: Trust) -> int:
    place = Path(folder)
    if place.is_file():
        raise NotFoundError(
            "cli.file-missing",
            f"{folder} is a file, where a folder is needed.",
            hint=f"One file alone: ringmark verify {folder}",
        )
    files = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else []
    # A statement beside its proof is what the proof is about, no file of its own.
    files = [path for path in files if path.suffix != STATEMENT or not _is_proved(path)]
    if not files:
        # Nothing verified is not "all verified".
        raise NotFoundError("cli.file-missing", f"There is no file in {folder}.")
    results: list[dict[str, Any]] = []
    with session.output.progress("Verifying") as progress:
        for done, path in enumerate(files):
            progress(done, len(files))
            results.append({"file": path.name, **_of_many(session, path, trust)})
    outcomes = [str(result["outcome"]) for result in results]
    rows = [(str(r["outcome"]), str(r["verdict"]), str(r["file"])) for r in results]
    lines = session.output.table(("outcome", "verdict", "file"), rows)
    code = worst_code(outcomes)
    session.output.result({"results": results}, lines, ok=code == 0)
    return code


def _of_many(session: Session, path: Path, trust: Trust) -> dict[str, Any]:
    """Return what a batch says of one file: one that is too large keeps no other back."""
    try:
        data = _proof_bytes(str(path))
    except MalformedError as error:
        return {"outcome": "undecided", "verdict": "cannot-tell", **failure(error)}
    verdict = _verify(session, data, trust, asked=None, statement=_beside(path))
    return shown(session, verdict)[0]


def _asked(
    code: str | None, mark: str | None, document: str | None, remember: str | None
) -> Asked | None:
    from ledger.verify.head import Asked
    from ledger.verify.report import parse_remembered
    from ledger.wire import text

    known = None
    if remember is not None and Path(remember).exists():
        hint = "Name the file of an earlier check, or one that is not there yet."
        known = parsed(remember, parse_remembered, what="remembered checkpoint", hint=hint)[1]
    if code is None and mark is None and document is None and known is None:
        return None
    symbols = text.code_symbols(text.parse_code(code)) if code else None
    return Asked(code=symbols, mark=mark, remembered=known, document=document)


def _remember(file: str, verdict: Verdict, known: Remembered | None) -> None:
    """Keep the largest checkpoint; raise MalformedError where the file has another ledger's."""
    from ledger.verify.checks import Remembered
    from ledger.verify.report import format_remembered

    if verdict.outcome.value != "verified" or None in (verdict.ledger, verdict.size, verdict.root):
        return
    size, root, ledger = verdict.size or 0, verdict.root or b"", verdict.ledger or b""
    if known is not None and not known.is_of(ledger):
        raise MalformedError(
            "remembered.ledger",
            f"{file} remembers another ledger than the one of this file.",
            hint="Keep one file for each ledger: what was seen of the other would be forgotten.",
        )
    if known is not None and known.size > size:
        return
    write_bytes(file, format_remembered(Remembered(size, root), ledger=ledger).encode())
