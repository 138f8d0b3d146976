"""Pictures drawn on the server: the four verdict shapes and the lineage of a lot, as SVG.

Owns geometry. Whatever a picture says also stands in the page as words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

_SHAPES = {
    "consistent": '<circle cx="16" cy="16" r="13"/><path d="M9 16.5l5 5 9-10"/>',
    "check": '<path d="M16 3 30 28H2Z"/><path d="M16 12v8M16 23.6v.8"/>',
    "stop": '<path d="M10.6 3h10.8L29 10.6v10.8L21.4 29H10.6L3 21.4V10.6Z"/><path d="m11 11 10 10m0-10L11 21"/>',
    "cannot-tell": '<rect x="3" y="3" width="26" height="26" rx="4"/>'
    '<path d="M11.5 12.5a4.5 4.5 0 1 1 6.6 4c-1.4.8-2.1 1.6-2.1 3.2M16 23.4v.8"/>',
}


def shape(level: str) -> Markup:
    """Return the shape of a verdict level: check, exclamation mark, cross or question mark."""
    inner = _SHAPES.get(level, _SHAPES["cannot-tell"])
    return Markup(
        '<svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor"'
        f' stroke-width="3" stroke-linecap="round" stroke-linejoin="round">{inner}</svg>'
    )


def lineage(
    nodes: Mapping[str, Sequence[str]], edges: Iterable[tuple[str, str]], *, here: str
) -> Markup:
    """Return a graph of lots: parents on the left, children on the right, links to their pages.

    `nodes` maps a code to its lines of text, `edges` are (parent, child), `here` is the lot shown.
    """
    links = [(parent, child) for parent, child in edges if parent in nodes and child in nodes]
    ranks = _ranks(tuple(nodes), links)
    columns: dict[int, list[str]] = {}
    for code in nodes:
        columns.setdefault(ranks[code], []).append(code)
    width, height, gap_x, gap_y = 150, 54, 40, 14
    place = {
        code: (rank * (width + gap_x) + 2, row * (height + gap_y) + 2)
        for rank, codes in sorted(columns.items())
        for row, code in enumerate(codes)
    }
    total_x = max(x for x, _ in place.values()) + width + 2
    total_y = max(y for _, y in place.values()) + height + 2
    parts = [_edge(place[a], place[b], width, height) for a, b in links]
    parts += [_node(code, nodes[code], place[code], width, height, code == here) for code in nodes]
    return Markup(
        f'<svg viewBox="0 0 {total_x} {total_y}" width="{total_x}" height="{total_y}" role="img">'
        + "".join(parts)
        + "</svg>"
    )


def _ranks(codes: tuple[str, ...], links: list[tuple[str, str]]) -> dict[str, int]:
    ranks = dict.fromkeys(codes, 0)
    for _ in codes:
        moved = False
        for parent, child in links:
            if ranks[child] <= ranks[parent]:
                ranks[child] = ranks[parent] + 1
                moved = True
        if not moved:
            break
    return ranks


def _edge(start: tuple[int, int], end: tuple[int, int], width: int, height: int) -> str:
    x1, y1 = start[0] + width, start[1] + height // 2
    x2, y2 = end[0], end[1] + height // 2
    middle = (x1 + x2) // 2
    return (
        f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" fill="none"'
        ' stroke="currentColor" stroke-width="1.5" opacity=".6"/>'
    )


def _node(
    code: str, lines: Sequence[str], at: tuple[int, int], width: int, height: int, here: bool
) -> str:
    x, y = at
    stroke = "3" if here else "1"
    texts = "".join(
        f'<text x="{x + 8}" y="{y + 18 + row * 14}" font-size="{12 if row else 11}"'
        f' fill="currentColor">{escape(line[:24])}</text>'
        for row, line in enumerate(lines[:3])
    )
    return (
        f'<a href="/i/{escape(code)}"><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6"'
        f' fill="none" stroke="currentColor" stroke-width="{stroke}"/>{texts}</a>'
    )
