"""A database that stands still, its lines open: pages say so in moments, and nothing else waits."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from test_served import Host, host

PAGES = 24
STILL_S_MAX = 6
"""An answer comes after two seconds, on a busy machine later; one that waits never comes."""
BACK_S_MAX = 30
PAGE = {"Accept": "text/html"}


@pytest.fixture
def code(actors: Any, directory: Path) -> str:
    """The code of a lot of the ledger."""
    world, opened = actors.open_world(directory)
    (born,) = world.submit(world.birth())
    opened.close()
    (found,) = born.labels
    return str(found)


def look(url: str) -> tuple[int, str | None, bytes, float]:
    """Return status, Retry-After and body of a page, and how long it took in seconds."""
    begun_s = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=PAGE), timeout=60) as told:
            return told.status, None, told.read(), time.monotonic() - begun_s
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
            return error.code, error.headers["Retry-After"], body, time.monotonic() - begun_s


def look_at_many(urls: list[str]) -> list[tuple[int, str | None, bytes, float]]:
    """Ask for all at once."""
    seen: list[tuple[int, str | None, bytes, float]] = []
    threads = [threading.Thread(target=lambda url=url: seen.append(look(url))) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def comes_back(served: Host, code: str) -> bool:
    """Whether the page of a lot is shown again in time."""
    until_s = time.monotonic() + BACK_S_MAX
    while look(f"{served.address}/i/{code}")[0] != 200:
        if time.monotonic() > until_s:
            return False
    return True


@pytest.mark.parametrize("flags", [(), ("--read-only",)])
def test_pages_are_answered_while_the_database_stands_still(
    directory: Path, code: str, postgres: Any, flags: tuple[str, ...]
) -> None:
    with host(directory, "--clock-ok", "--rate", "10000", *flags) as served:
        page = f"{served.address}/i/{code}"
        assert look(page)[0] == 200
        with postgres.standing_still():
            beside = threading.Thread(target=look_at_many, args=([page] * PAGES,))
            beside.start()
            start = look(f"{served.address}/")
            seen = look_at_many([page] * PAGES)
            beside.join()
        assert start[0] == 200
        assert start[3] < STILL_S_MAX / 3
        assert {status for status, *_ in seen} == {503}
        assert all(after and after.isdigit() for _, after, *_ in seen)
        assert b'data-level="cannot-tell"' in seen[0][2]
        assert max(took_s for *_, took_s in seen) < STILL_S_MAX
        assert comes_back(served, code)


def test_a_line_that_never_answers_again_is_given_up(
    directory: Path, code: str, database: str, postgres: Any
) -> None:
    with host(directory, "--clock-ok", "--read-only") as served:
        page = f"{served.address}/i/{code}"
        assert look(page)[0] == 200
        with postgres.standing_still(application="ringmark"):
            status, _, _, took_s = look(page)
            assert status in (200, 503)
            assert took_s < STILL_S_MAX
            # The server itself is well: a new line shows the page while the old ones stand still.
            assert comes_back(served, code)
