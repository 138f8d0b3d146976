"""A server in this process and the browser that visits it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stall import Stall
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


class AsServed(WSGIRequestHandler):
    """Names the server as the one that `ringmark serve` starts does: pages are weighed."""

    def version_string(self) -> str:
        """Return the name that stands in each answer."""
        return "granian"


@contextmanager
def serve(stall: Stall) -> Iterator[str]:
    """Serve the stall's pages on a free port of this machine and yield the address."""
    server = make_server("localhost", 0, stall.app(), threaded=True, request_handler=AsServed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
