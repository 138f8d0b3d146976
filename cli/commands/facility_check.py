"""`ringmark facility check`: an outline against its form, other plots and protected areas."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from cli.context import Session
from cli.exits import outcome_code
from cli.files import parsed
from cli.typed import pass_session
from cli.writing import Manner, Words, say, writing_options
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.custody.facilities import FacilityAttested
    from ledger.interop.geojson import OutlineFile
    from ledger.interop.overlaps import Overlap


class _Compared(Struct, frozen=True):
    """What an outline shares with others, and the hash of every file that was looked at."""

    outline: bytes
    against: tuple[bytes, ...]
    plots: tuple[Overlap, ...]
    protected: tuple[Overlap, ...]


@click.command("check")
@click.argument("file", metavar="FILE.geojson")
@click.option("--facility", "name", metavar="PARTY/NAME", help="The plot that it is the edge of.")
@click.option(
    "--against", multiple=True, metavar="PARTY/NAME=FILE", help="The outline of another plot."
)
@click.option("--protected", multiple=True, metavar="FILE", help="Outlines of protected areas.")
@click.option("--attest", is_flag=True, help="Sign what was found, as an officer.")
@click.option("--reason", help="What differs, for --attest.")
@writing_options
@pass_session
@click.pass_context
def check(
    ctx: click.Context,
    session: Session,
    /,
    *,
    file: str,
    name: str | None,
    against: tuple[str, ...],
    protected: tuple[str, ...],
    attest: bool,
    reason: str | None,
    manner: Manner,
) -> None:
    """Check the exact outline of a plot: its form, its area, and what it overlaps.

    The outline stays with you. With --attest an officer signs the result: the hashes of the files,
    the area, the plots of other parties and the protected areas that it overlaps. Exit code 1 where
    something was found.

    \b
    Examples:
      ringmark facility check block-12.geojson --protected protected.geojson
      ringmark --as ranger facility check block-12.geojson --facility tambo-plot/block-12 \\
          --against rio-plot/north=north.geojson --protected protected.geojson --attest
    """
    from ledger.interop.overlaps import crossings

    body, outlines = _outlines(file)
    problems = [*outlines.problems, *crossings(outlines.outlines)]
    found = _compare(body, outlines, against, protected)
    plain = {
        "area_m2": outlines.area_m2,
        "features": len(outlines.outlines),
        "problems": [
            {"code": p.code, "where": p.where, "message": p.message, "hint": p.hint}
            for p in problems
        ],
        "overlaps": [{"name": o.name, "area_m2": o.area_m2} for o in found.plots],
        "protected": [{"name": o.name, "area_m2": o.area_m2} for o in found.protected],
        "outline": found.outline.hex(),
    }
    if attest:
        event = _attestation(name, outlines, found, reason)
        say(session, event, manner, Words(plain=plain))
        return
    clean = not (problems or found.plots or found.protected)
    session.output.result(plain, _lines(plain), ok=clean)
    ctx.exit(outcome_code("verified" if clean else "refuted"))


def _outlines(file: str) -> tuple[bytes, OutlineFile]:
    """Return the bytes of a file with outlines, and what they say."""
    from ledger.interop.geojson import read_outlines

    hint = "Give GeoJSON with polygons, longitude first (RFC 7946)."
    return parsed(
        file, lambda body: (body, read_outlines(body)), what="file of outlines", hint=hint
    )


def _compare(
    body: bytes, outlines: OutlineFile, against: Sequence[str], protected: Sequence[str]
) -> _Compared:
    from msgspec.structs import replace

    from ledger.interop.overlaps import overlaps

    digests: list[bytes] = []
    plots: list[Overlap] = []
    areas: dict[str, Overlap] = {}
    for typed in against:
        name, sign, file = typed.partition("=")
        if not sign:
            raise UsageError(
                "cli.against", f"{typed!r} names no plot.", hint="Write PARTY/NAME=FILE."
            )
        data, other = _outlines(file)
        digests.append(hashlib.sha256(data).digest())
        found = overlaps(outlines.outlines, other.outlines)
        if found:
            plots.append(replace(found[0], name=name, area_m2=sum(o.area_m2 for o in found)))
    for file in protected:
        data, other = _outlines(file)
        digests.append(hashlib.sha256(data).digest())
        for overlap in overlaps(outlines.outlines, other.outlines):
            areas[overlap.name] = overlap
    return _Compared(
        hashlib.sha256(body).digest(),
        tuple(dict.fromkeys(digests)),
        tuple(plots),
        tuple(areas[name] for name in sorted(areas)),
    )


def _attestation(
    name: str | None, outlines: OutlineFile, found: _Compared, reason: str | None
) -> FacilityAttested:
    from ledger.custody.facilities import FacilityAttested

    if name is None:
        raise UsageError(
            "cli.facility-missing", "Which plot is attested?", hint="Give --facility PARTY/NAME."
        )
    return FacilityAttested(
        facility=name.lower(),
        how="outline",
        result="differs" if reason else "matches",
        reason=reason,
        area_m2=outlines.area_m2 or None,
        outline=found.outline,
        against=found.against,
        overlaps=tuple(sorted(overlap.name.lower() for overlap in found.plots)),
        protected=tuple(overlap.name for overlap in found.protected),
    )


def _lines(plain: dict[str, Any]) -> list[str]:
    hectares = f"{plain['area_m2'] // 10_000}.{plain['area_m2'] % 10_000:04d}"
    lines = [f"{plain['features']} outline(s), {hectares} ha on the sphere"]
    for problem in plain["problems"]:
        lines.append(f"  {problem['where']}: {problem['message']} {problem['hint']}")
    for key, words in (("overlaps", "overlaps"), ("protected", "lies in")):
        lines += [f"  {words} {row['name']}: {row['area_m2']} m2" for row in plain[key]]
    return lines
