"""What is said to whoever is turned away before the application is asked: a page for people, JSON.

Owns both forms. The pages are made once, at the start: who comes where there is no room must cost
next to nothing. Knows neither threads nor lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from flask import Flask
from msgspec import Struct

from ledger.wire import text
from web.headers import HEADERS
from web.language import LANGUAGES, best_language
from web.negotiate import HEADER_MAX, PAGE_HEADERS, is_for_people
from web.problems import PROBLEM, RETRY_AFTER_S, problem_page
from web.words import N_

Answer = tuple[int, list[tuple[str, str]], bytes]
Pages = Mapping[tuple[str, str], bytes]
"""Pages by code and language."""

_WAIT = N_("Wait a few seconds and try again.")
_SAID: Mapping[str, tuple[int, str, str]] = {
    "rate.limited": (429, N_("Too many requests from this address."), _WAIT),
    "server.busy": (503, N_("Too many ask at once; nothing was done."), _WAIT),
    "server.slow": (
        503,
        N_("What became of this is not known yet."),
        N_("What became of it is not known: send the same again, it never counts twice."),
    ),
    "request.slow": (
        408,
        N_("The request did not arrive in time."),
        N_("Try again where the network is better, or with a smaller picture."),
    ),
    "request.too-large": (
        413,
        N_("The request is larger than this page takes."),
        N_("Send fewer statements at once, or a smaller picture."),
    ),
}
"""Status, sentence and next step of each code."""


class Asked(Protocol):
    """What of a request says in which form it is answered."""

    path: str
    query_string: str
    headers: Any


class Away(Struct, frozen=True):
    """Why a request is turned away: a code of `_SAID`, and what a program is told."""

    code: str
    title: str


def pages_of(app: Flask) -> Pages:
    """Return the page of each code in each language."""
    made: dict[tuple[str, str], bytes] = {}
    for lang in LANGUAGES:
        with app.test_request_context("/", query_string={"lang": lang}):
            for code, (status, sentence, hint) in _SAID.items():
                page = problem_page(status=status, code=code, title=sentence, hint=hint)
                made[code, lang] = page.encode()
    return made


def answer_of(away: Away, asked: Asked, pages: Pages) -> Answer:
    """Return the answer to a request that is turned away; without its page it is JSON."""
    status, _, _ = _SAID[away.code]
    wait = [("Retry-After", RETRY_AFTER_S)] if status in (429, 503) else []
    headers = [*PAGE_HEADERS, *wait, *HEADERS.items()]
    if is_for_people(asked.path, asked.headers.get("accept") or ""):
        page = pages.get((away.code, _language(asked)))
        if page is not None:
            return status, headers, page
    plain = {"type": "about:blank", "status": status, "code": away.code, "title": away.title}
    return status, [("Content-Type", PROBLEM), *headers[1:]], text.json_dumps(plain).encode()


def _language(asked: Asked) -> str:
    lang = parse_qs(asked.query_string[:HEADER_MAX]).get("lang", [""])[0]
    return best_language(lang, asked.headers.get("accept-language") or "")
