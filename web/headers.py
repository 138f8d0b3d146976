"""The headers that every response carries.

Owns the content security policy and its companions. HSTS belongs to the proxy that ends TLS. What
a page loads and is never a page itself carries the two that bind it: the others bind documents, and
a phone far from a mast pays for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

from web.negotiate import CARD

CONTENT_SECURITY_POLICY = ";".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self),microphone=(),geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


OF_FILES = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
"""What binds a file that a page loads: it is taken as what it says it is, by our pages alone."""
FILES = ("text/css", "text/javascript", "application/javascript", "application/wasm", CARD)
"""Types that no browser makes a document of."""

Wsgi = Callable[..., Iterable[bytes]]


def install(app: Flask) -> None:
    """Add the headers to every response of `app`, errors and static files included.

    They are added outside of Flask: no handler can forget them, and none pays for them.
    """
    inner: Wsgi = app.wsgi_app
    fixed = list(HEADERS.items())
    of_files = [(name, HEADERS[name]) for name in OF_FILES]

    def with_headers(environ: dict[str, Any], start_response: Wsgi) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            more = of_files if _kind(headers).startswith(FILES) else fixed
            return start_response(status, headers + more, *failed)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign, assignment]

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _kind(headers: list[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")
