"""A server in this process and the browser that visits it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stall import Stall
from werkzeug.serving import make_server

CHROMIUM = "/usr/bin/chromium"


@contextmanager
def serve(stall: Stall) -> Iterator[str]:
    """Serve the stall's pages on a free port of this machine and yield the address."""
    server = make_server("127.0.0.1", 0, stall.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
