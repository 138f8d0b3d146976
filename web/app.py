"""The Flask application: every part of the web put together over one ledger.

Owns the order in which parts are installed. What a ledger is, where it lies and who may write it is
decided by whoever calls `create_app`.
"""

from __future__ import annotations

import time

from flask import Flask

from web import (
    answers,
    assets,
    damage,
    drawing,
    headers,
    health,
    language,
    limits,
    log,
    lots,
    problems,
    scan,
    submitting,
    verdicts,
    verifying,
    waiting,
)
from web.stand import Stand, own_trust

BLUEPRINTS = (
    scan.blueprint,
    verdicts.blueprint,
    lots.blueprint,
    submitting.blueprint,
    verifying.blueprint,
    log.blueprint,
    health.blueprint,
    waiting.blueprint,
)


def create_app(stand: Stand, *, rate: limits.Rate | None = None) -> Flask:
    """Return the application over `stand`; `rate` limits each client address."""
    app = Flask("web", static_folder=None)
    app.extensions["ringmark"] = stand
    app.extensions["ringmark.kept"] = answers.Kept()
    app.extensions["ringmark.told"] = damage.Told()
    app.jinja_env.globals["shape"] = drawing.shape
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    language.install(app)
    problems.install(app)
    assets.install(app, assets.static_files(own_trust(stand)))
    limits.install(app, limits.Buckets(rate or limits.Rate(), clock=time.monotonic))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    headers.install(app)
    return app
