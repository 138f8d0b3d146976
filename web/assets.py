"""Static files under an address that carries their hash, so that browsers may keep them for good.

Owns that address and how long a browser keeps what stands there.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from flask import Flask, Response, request

IMMUTABLE = "public, max-age=31536000, immutable"


def static_address() -> str:
    """Return the address of the static files: `/s/` and the hash over all of them."""
    digest = hashlib.sha256()
    for path, content in sorted(_walk(files("web").joinpath("static"), "")):
        digest.update(len(path).to_bytes(2, "big") + path.encode())
        digest.update(hashlib.sha256(content).digest())
    return f"/s/{digest.hexdigest()[:16]}"


def install(app: Flask) -> None:
    """Let browsers keep the static files of `app`, which never change under their address."""

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            response.headers["Cache-Control"] = IMMUTABLE
        return response


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        else:
            found.append((prefix + item.name, item.read_bytes()))
    return found
