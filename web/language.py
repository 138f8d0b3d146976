"""The language of a page: `?lang=`, else what the browser prefers, else English."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("en", "fr", "es")
HEADER_MAX = 1_000
"""Characters of a header that are read."""
_ASKED = {
    "scan.look_up": ("code",),
    "waiting.waiting": ("for", "country", "section", "after", "token"),
}
"""What a page is asked with. Nothing else is repeated: a kept page is shown to others too."""


def language() -> str:
    """Return the language code of the present request."""
    return best_language(request.args.get("lang", ""), request.headers.get("Accept-Language", ""))


def best_language(asked: str, preferred: str) -> str:
    """Return the language that an address asks for, else the one that a browser prefers."""
    if asked in LANGUAGES:
        return asked
    return _best(preferred) if preferred else "en"


@lru_cache(maxsize=512)
def _best(preferred: str) -> str:
    accepted = parse_accept_header(preferred[:HEADER_MAX], LanguageAccept)
    return accepted.best_match(LANGUAGES) or "en"


def in_language(lang: str) -> str:
    """Return the link to the present page in another language; what was asked stays asked."""
    asked = {name: request.args[name] for name in _asked_with() if name in request.args}
    return "?" + urlencode({**asked, "lang": lang})


def _asked_with() -> tuple[str, ...]:
    return _ASKED.get(request.endpoint or "", ())


def install(app: Flask) -> None:
    """Give `app` its translations."""
    Babel(app, locale_selector=language)
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["in_language"] = in_language
    app.jinja_env.globals["languages"] = LANGUAGES
