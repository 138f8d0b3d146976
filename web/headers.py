"""The headers that every response carries.

Owns the content security policy and its companions. HSTS belongs to the proxy that ends TLS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


Wsgi = Callable[..., Iterable[bytes]]


def install(app: Flask) -> None:
    """Add the headers to every response of `app`, errors and static files included.

    They are added outside of Flask: no handler can forget them, and none pays for them.
    """
    inner: Wsgi = app.wsgi_app
    fixed = list(HEADERS.items())

    def with_headers(environ: dict[str, Any], start_response: Wsgi) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            return start_response(status, headers + fixed, *failed)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign, assignment]

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        return response
