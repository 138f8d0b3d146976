"""`ringmark demo`: a small living ledger with real cases, and the verifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.context import Session
from cli.typed import PORT, pass_session
from ledger.ambient import SettableClock
from ledger.errors import RingmarkError, UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from cli.playing import Desks
    from ledger.simulator.story import Story

ORIGIN = "ledger.example/demo"
DAYS_BACK = 21
DAY_S = 86_400
CODES = "demo.json"
ISSUER, PERMIT = "zw-parks", "ZW/EXPORT/2026-0412"


@click.command()
@click.option("--dir", "directory", metavar="DIR", default="ringmark-demo", show_default=True)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Play the cases and stop.")
@pass_session
@click.pass_context
def demo(
    ctx: click.Context, session: Session, /, *, directory: str, port: int, no_serve: bool
) -> None:
    """Found a ledger in DIR, play real cases through these commands, and serve the verifier.

    A permit is printed too, to be scanned and compared. Every party has its desk in DIR-desks; the
    passphrase of all keys is `demo`.

    \b
    Examples:
      ringmark demo
      ringmark demo --dir /tmp/demo --port 8080
      ringmark demo --no-serve --json
    """
    folder = Path(directory).absolute()
    known = folder / CODES
    if known.exists():
        session.output.say(f"{folder} holds a demo already: it is shown again.")
        plain = text.json_loads(known.read_bytes())
    else:
        plain = _play(session, folder, port)
        known.write_text(text.json_dumps(plain), encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    lines = [f"ledger: {folder}", f"trust file: {folder / 'trust.json'}", "labels to open:"]
    lines += [f"  {address}/i/{row['code']}  {row['what']}" for row in plain["lots"]]
    lines += ["a permit to hold in your hand, with its label:"]
    lines += [f"  {row['file']}  {address}/d/{row['name']}" for row in plain["documents"]]
    session.output.result({**plain, "address": address}, lines)
    if not no_serve:
        from cli.commands.serve import serve

        session.options = _served(session, folder)
        ctx.invoke(serve, host="127.0.0.1", port=port, threads=1, read_only=False, proxies=0)


def _play(session: Session, folder: Path, port: int) -> dict[str, Any]:
    from cli.playing import Desks
    from ledger.simulator.story import Player, demo_story

    homes = folder.with_name(f"{folder.name}-desks")
    for place in (folder, homes):
        if place.exists() and any(place.iterdir()):
            hint = "Remove it, or choose another folder: --dir DIR"
            raise UsageError("ledger.exists", f"{place} is not empty.", hint=hint)
    now_s = session.clock.now_s()
    clock = SettableClock(now_s - DAYS_BACK * DAY_S)
    folder.parent.mkdir(parents=True, exist_ok=True)
    desks = Desks(
        homes=homes,
        ledger=folder,
        folder=folder.parent,
        clock=clock,
        entropy=session.entropy,
    )
    host = ["--host", f"127.0.0.1:{port}"]
    founded = desks.run("root", ["init", str(folder), "--origin", ORIGIN, *host])
    _check(founded)
    papers = folder / "papers"
    papers.mkdir()
    desks.work_in(papers)
    story = demo_story()
    with session.output.progress("Playing") as progress:
        run = _told(session, desks.run, progress, story)
        player = Player(run, folder=papers, clock=clock, pass_time=desks.pass_time)
        player.enrol(story.cast)
        player.play(story)
        desks.pass_time(max(0, now_s - clock.now_s()))
    found = _found(folder, str(founded["ledger"]), story, player.names)
    return {**found, "documents": _printed(desks, papers)}


def _printed(desks: Desks, papers: Path) -> list[dict[str, str]]:
    """Print the permit of the demo as its issuer does; return its name and the file."""
    file = papers / "permit.pdf"
    _check(desks.run(ISSUER, ["document", "show", PERMIT, "--out", str(file)]))
    return [{"name": PERMIT, "file": str(file)}]


def _found(folder: Path, ledger: str, story: Story, names: Mapping[str, str]) -> dict[str, Any]:
    lots = [{"name": name, "code": names[name], "what": what} for name, what in story.labels]
    return {
        "directory": str(folder),
        "trust": str(folder / "trust.json"),
        "ledger": ledger,
        "codes": [row["code"] for row in lots],
        "lots": lots,
    }


def _told(session: Session, run: Any, progress: Any, story: Story) -> Any:
    total = 2 * len(story.cast) + len(story.acts)
    done = 0

    def told(party: str, words: Sequence[str]) -> Mapping[str, Any]:
        nonlocal done
        done += 1
        answer: Mapping[str, Any] = run(party, words)
        said = answer.get("error", {}).get("message", "")
        command = " ".join(word if " " not in word else f'"{word}"' for word in words)
        session.output.say(f"{party}$ ringmark {command}")
        if said:
            session.output.say(f"  refused: {said}")
        progress(done, total)
        return answer

    return told


def _served(session: Session, folder: Path) -> Any:
    from msgspec.structs import replace

    return replace(session.options, ledger=str(folder))


def _check(answer: Mapping[str, Any]) -> None:
    if not answer.get("ok"):
        error = answer.get("error", {})
        raise RingmarkError(error.get("code", "cli.fault"), error.get("message", "It failed."))
