"""Static files under an address that carries their hash, so that browsers may keep them for good.

Owns that address, what stands there, and how it is sent. They are read once: a few dozen
kilobytes. The modules of the phone's verifier stand there as one file too.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from flask import Flask, Response
from werkzeug.exceptions import NotFound

from ledger.trust import Trust
from web import packing
from web.bundling import bundle, shortened
from web.known import known_module

IMMUTABLE = "public, max-age=31536000, immutable"
BUNDLE = "phone.js"
_SPACE = re.compile(rb"\s*([{};,])\s*|(?<=:)\s+")
_ENTRY, _KNOWN = "proof.js", "verify/known.js"


def static_files(trust: Trust) -> dict[str, bytes]:
    """Return all static files by their paths, the phone's verifier for `trust` among them."""
    found = dict(sorted(_walk(files("web").joinpath("static"), "")))
    modules = {path: body.decode() for path, body in found.items() if path.endswith(".js")}
    modules[_KNOWN] = known_module(trust)
    joined = bundle(modules, entry=_ENTRY)
    styles = {path: _tight(body) for path, body in found.items() if path.endswith(".css")}
    return {**found, **styles, BUNDLE: shortened(joined).encode()}


def install(app: Flask, found: Mapping[str, bytes]) -> None:
    """Serve `found` as the endpoint `static`, under an address with the hash over all of it."""
    digest = hashlib.sha256()
    for path, content in sorted(found.items()):
        digest.update(len(path).to_bytes(2, "big") + path.encode())
        digest.update(hashlib.sha256(content).digest())
    packed = {path: packing.pack(content) for path, content in found.items()}

    def static(filename: str) -> Response:
        if filename not in found:
            raise NotFound
        kind = mimetypes.types_map.get(f".{filename.rpartition('.')[2]}", "text/plain")
        response = Response(found[filename], mimetype=kind)
        response.headers["Cache-Control"] = IMMUTABLE
        return packing.sent(response, packed[filename])

    app.add_url_rule(f"/s/{digest.hexdigest()[:16]}/<path:filename>", "static", static)


def _tight(style: bytes) -> bytes:
    """Return a style sheet without the space around its signs; it has no texts with such signs."""
    return _SPACE.sub(rb"\1", style)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        else:
            found.append((prefix + item.name, item.read_bytes()))
    return found
