"""The language of a page: `?lang=`, else what the browser prefers, else English."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel

LANGUAGES = ("en", "fr", "es")


def language() -> str:
    """Return the language code of the present request."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or "en"


def install(app: Flask) -> None:
    """Give `app` its translations."""
    Babel(app, locale_selector=language)
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["languages"] = LANGUAGES
