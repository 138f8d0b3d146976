"""Pictures drawn on the server: the four verdict shapes and the lineage of a lot, as SVG.

Owns geometry. Whatever a picture says also stands in the page as words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

WIDTH, GAP_X, GAP_Y, STEP = 172, 14, 34, 16
TEXT_MAX = 25
LINES_MAX = 4
BAR_WIDTH = 320

_SHAPES = {
    "consistent": '<circle cx="16" cy="16" r="13"/><path d="M9 16.5l5 5 9-10"/>',
    "check": '<path d="M16 3 30 28H2Z"/><path d="M16 12v8M16 23.6v.8"/>',
    "stop": '<path d="M10.6 3h10.8L29 10.6v10.8L21.4 29H10.6L3 21.4V10.6Z"/>'
    '<path d="m11 11 10 10m0-10L11 21"/>',
    "cannot-tell": '<rect x="3" y="3" width="26" height="26" rx="4"/>'
    '<path d="M11.5 12.5a4.5 4.5 0 1 1 6.6 4c-1.4.8-2.1 1.6-2.1 3.2M16 23.4v.8"/>',
}


def shape(level: str) -> Markup:
    """Return the shape of a verdict level: check, exclamation mark, cross or question mark."""
    inner = _SHAPES.get(level, _SHAPES["cannot-tell"])
    return Markup(  # noqa: S704 - made of constants, numbers and escaped texts
        '<svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor"'
        f' stroke-width="3" stroke-linecap="round" stroke-linejoin="round">{inner}</svg>'
    )


def draw_bar(used: int, amount: int, *, reserved: int = 0) -> Markup:
    """Return a bar of what is used of an amount, with a line where the amount ends.

    What is reserved but not used yet is drawn paler. Beyond the amount the scale grows with it.
    """
    scale = max(used, reserved, amount, 1)
    filled, held, end = (x * BAR_WIDTH // scale for x in (used, max(used, reserved), amount))
    over = "over" if max(used, reserved) > amount else "within"
    return Markup(  # noqa: S704 - made of constants and numbers
        f'<svg viewBox="0 0 {BAR_WIDTH} 20" preserveAspectRatio="none" aria-hidden="true"'
        f' class="{over}"><rect class="all" width="{BAR_WIDTH}" height="20"/>'
        f'<rect class="held" width="{held}" height="20"/>'
        f'<rect class="used" width="{filled}" height="20"/>'
        f'<rect class="end" x="{max(end - 1, 0)}" width="1" height="20"/></svg>'
    )


def draw_lineage(
    nodes: Mapping[str, Sequence[str]],
    edges: Iterable[tuple[str, str]],
    *,
    here: str,
    links: Mapping[str, str],
) -> Markup:
    """Return a graph of lots: parents above, children below, each a link to its page.

    `nodes` maps a code to its lines of text, `edges` are (parent, child), `here` is the lot shown,
    `links` has an address for each code.
    """
    pairs = [(parent, child) for parent, child in edges if parent in nodes and child in nodes]
    height = STEP - 2 + STEP * min(max(map(len, nodes.values())), LINES_MAX)
    place = _places(tuple(nodes), pairs, height)
    total_x = max(x for x, _ in place.values()) + WIDTH + 2
    total_y = max(y for _, y in place.values()) + height + 2
    parts = [_edge(place[parent], place[child], height) for parent, child in pairs]
    for code, lines in nodes.items():
        box = _box(place[code], height, width=3 if code == here else 1)
        parts.append(f'<a href="{escape(links[code])}">{box}{_texts(lines, place[code])}</a>')
    return Markup(  # noqa: S704 - made of constants, numbers and escaped texts
        f'<svg viewBox="0 0 {total_x} {total_y}" width="{total_x}" height="{total_y}">'
        + "".join(parts)
        + "</svg>"
    )


def _places(
    codes: tuple[str, ...], pairs: list[tuple[str, str]], height: int
) -> dict[str, tuple[int, int]]:
    ranks = _ranks(codes, pairs)
    rows: dict[int, list[str]] = {}
    for code in codes:
        rows.setdefault(ranks[code], []).append(code)
    widest = max(len(row) for row in rows.values())
    place: dict[str, tuple[int, int]] = {}
    for rank, row in sorted(rows.items()):
        left = (widest - len(row)) * (WIDTH + GAP_X) // 2
        for column, code in enumerate(_by_parents(row, pairs, place)):
            place[code] = (left + column * (WIDTH + GAP_X) + 2, rank * (height + GAP_Y) + 2)
    return place


def _by_parents(
    row: list[str], pairs: list[tuple[str, str]], place: Mapping[str, tuple[int, int]]
) -> list[str]:
    """Order a row by the middle of its parents, so that few lines cross."""

    def middle(code: str) -> int:
        above = [place[parent][0] for parent, child in pairs if child == code and parent in place]
        return sum(above) // len(above) if above else 0

    return sorted(row, key=middle)


def _ranks(codes: tuple[str, ...], pairs: list[tuple[str, str]]) -> dict[str, int]:
    ranks = dict.fromkeys(codes, 0)
    for _ in codes:
        moved = False
        for parent, child in pairs:
            if ranks[child] <= ranks[parent] < len(codes):
                ranks[child] = ranks[parent] + 1
                moved = True
        if not moved:
            break
    return ranks


def _edge(start: tuple[int, int], end: tuple[int, int], height: int) -> str:
    x1, y1 = start[0] + WIDTH // 2, start[1] + height
    x2, y2 = end[0] + WIDTH // 2, end[1]
    middle = (y1 + y2) // 2
    return (
        f'<path d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}" fill="none"'
        ' stroke="currentColor" stroke-width="1.5" opacity=".6"/>'
    )


def _box(at: tuple[int, int], height: int, *, width: int) -> str:
    x, y = at
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="7"'
        f' fill="none" stroke="currentColor" stroke-width="{width}"/>'
    )


def _texts(lines: Sequence[str], at: tuple[int, int]) -> str:
    x, y = at
    return "".join(
        f'<text x="{x + 9}" y="{y + 19 + row * STEP}" font-size="12"'
        f' font-weight="{400 if row else 700}" fill="currentColor">{escape(_cut(line))}</text>'
        for row, line in enumerate(lines[:LINES_MAX])
    )


def _cut(line: str) -> str:
    return line if len(line) <= TEXT_MAX else f"{line[: TEXT_MAX - 1]}…"
