"""The verdict on a lot, as JSON, linkset or page; finished pages are kept for a while.

Owns what belongs to one answer: the card is made by the reader and judged by `ledger.verify` with
this server's own trust file, exactly as anybody else would judge it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, current_app, render_template, url_for
from msgspec import Struct

from ledger.custody.subjects import Kind
from ledger.reader import view_json
from ledger.reader.covering import CoveringQuota
from ledger.reader.views import Lineage, TimelineEntry, jsonable
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.several import gravest
from ledger.verify.verdict import Verdict, verdict_json
from web import negotiate, packing
from web.language import language
from web.page import NODES_MAX, STEPS_MAX, grouped, lot_link, verdict_page
from web.problems import reason_json, reason_text
from web.stand import stand

KEPT_MAX = 2_000
KEPT_BYTES_MAX = 64 * 1024 * 1024
"""What all kept pages take together: what a page is asked with may be anything."""
KEPT_S = 20
"""A kept page is at most this old: ages on pages are told in minutes and hours."""


class LotAnswer(Struct, frozen=True):
    """A verdict on one lot and the story beside it; without public codes there is no lineage.

    `causes` are the statements behind its findings, by id; `quotas` count its goods.
    """

    verdict: Verdict
    code: str
    timeline: tuple[TimelineEntry, ...]
    lineage: Lineage | None
    causes: Mapping[bytes, TimelineEntry]
    quotas: tuple[CoveringQuota, ...]


class Kept:
    """Finished answers by what was asked, of one checkpoint size; the oldest go first.

    Each is kept as it is and packed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[tuple[object, ...], tuple[bytes, bytes]] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[object, ...], make: Callable[[], bytes]) -> Response:
        """Return the kept page of `key`, or what `make` gives, which is kept then."""
        with self._lock:
            found = self._pages.get(key)
        if found is None:
            body = make()
            found = (body, packing.pack(body))
            with self._lock:
                self._keep(key, found)
        body, packed = found
        return packing.sent(Response(body, headers=negotiate.PAGE_HEADERS), packed)

    def _keep(self, key: tuple[object, ...], found: tuple[bytes, bytes]) -> None:
        # Two may have made it at once; the one that is replaced no longer counts.
        self._size += sum(map(len, found)) - sum(map(len, self._pages.pop(key, ())))
        self._pages[key] = found
        while len(self._pages) > KEPT_MAX or self._size > KEPT_BYTES_MAX:
            _, gone = self._pages.popitem(last=False)
            self._size -= sum(map(len, gone))


def answer(codes: Sequence[str], *, mark: str | None = None) -> Response:
    """Return the verdict on a lot, or on the piece marked `mark`; `codes` claim it."""
    wanted = negotiate.wanted()
    if wanted == negotiate.LINKSET and mark is None:
        return negotiate.varied(_linkset(codes[0]))
    if wanted != negotiate.HTML:
        inside = _container(codes[0])
        if inside is None:
            plain = _answer_json(_lot_answer(codes, mark=mark), is_mark=mark is not None)
        else:
            plain = {**reason_json("lot.container"), "lots": list(inside)}
        return negotiate.varied(negotiate.json_response(plain))
    ground = stand()
    size = ground.reader.moment().head.size
    key = (tuple(codes), mark, language(), size, ground.clock.now_s() // KEPT_S)
    kept: Kept = current_app.extensions["ringmark.kept"]
    return kept.get(key, lambda: _page(codes, mark=mark))


def _lot_answer(codes: Sequence[str], *, mark: str | None) -> LotAnswer:
    ground = stand()
    verdict = gravest([_verdict(ground.reader.lot(code).code, mark=mark) for code in codes])
    code = verdict.code or codes[0]
    lineage = ground.reader.lineage(code, nodes_max=NODES_MAX) if ground.is_open else None
    steps = ground.reader.timeline(code, steps_max=STEPS_MAX)
    causes = ground.reader.causes({finding.cause for finding in verdict.findings})
    quotas = ground.reader.quotas_of(code)
    return LotAnswer(verdict, code, tuple(steps), lineage, causes, quotas)


def _verdict(code: str, *, mark: str | None) -> Verdict:
    ground = stand()
    return check_card(
        ground.reader.card(code),
        trust=ground.trust,
        now_s=ground.clock.now_s(),
        asked=Asked(code=code, mark=mark),
    )


def _container(code: str) -> tuple[str, ...] | None:
    """Return the lots in the container of that code, if it is one; a closed ledger names none."""
    ground = stand()
    if ground.reader.kind_of(code) is not Kind.CONTAINER:
        return None
    return ground.reader.container(code).state.lots if ground.is_open else ()


def _page(codes: Sequence[str], *, mark: str | None) -> bytes:
    inside = _container(codes[0])
    if inside is not None:
        links = [(grouped(code), lot_link(code, language())) for code in inside]
        return reason_text("lot.container", links=links).encode()
    found = _lot_answer(codes, mark=mark)
    shown = verdict_page(
        found.verdict,
        lang=language(),
        code=found.code,
        mark=mark,
        timeline=found.timeline,
        lineage=found.lineage,
        causes=found.causes,
        quotas=found.quotas,
        shows_code=stand().is_open or mark is None,
    )
    return render_template("verdict.html", page=shown).encode()


def _answer_json(found: LotAnswer, *, is_mark: bool) -> dict[str, Any]:
    inner = stand().is_open
    plain = verdict_json(found.verdict, lang=language())
    plain["timeline"] = [view_json(entry, inner=inner) for entry in found.timeline]
    plain["quotas"] = jsonable(found.quotas)
    for shown, finding in zip(plain["findings"], found.verdict.findings, strict=True):
        cause = found.causes.get(finding.cause)
        shown["caused"] = view_json(cause, inner=inner) if cause is not None else None
    if is_mark and not inner:
        plain["code"] = None
        plain["timeline"] = [{**step, "code": None} for step in plain["timeline"]]
    if found.lineage is not None:
        plain["lineage"] = view_json(found.lineage)
    return plain


def _linkset(code: str) -> Response:
    def link(endpoint: str) -> str:
        return url_for(endpoint, code=code, _external=True)

    context = {
        "anchor": link("verdicts.lot"),
        "describedby": [{"href": link("lots.lot"), "type": negotiate.JSON}],
        "item": [
            {"href": link("lots.card"), "type": negotiate.CARD},
            {"href": link("lots.bundle"), "type": negotiate.BUNDLE},
        ],
        "collection": [{"href": url_for("log.checkpoint", _external=True), "type": "text/plain"}],
    }
    return negotiate.json_response({"linkset": [context]}, mimetype=negotiate.LINKSET)
