"""T40: who tries ten thousand codes learns from no answer which of them are near one that is used.

What answering costs is counted in `test_verdict_page.py`: the same calls for every unknown code.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from stall import HTML, JSON, Stall

from ledger.wire.text import CODE_MAX, code_symbols, parse_code

# With RINGMARK_LENGTH=5 it is the ten thousand, a minute of work.
TRIED = 1_000 * int(os.environ.get("RINGMARK_LENGTH", "1"))


def codes(stall: Stall) -> Iterator[str]:
    """Codes beside those of lots that are there, and codes from anywhere; none of them is used."""
    real = {parse_code(code) for code in (stall.skins, stall.finished, stall.timber, stall.held)}
    near = (number + step for number in real for step in range(-TRIED // 4, TRIED // 4 + 1))
    digests = (hashlib.sha256(b"%d" % i).digest() for i in range(TRIED))
    anywhere = (int.from_bytes(digest[:7]) % CODE_MAX for digest in digests)
    for number in (*near, *anywhere):
        if 0 <= number <= CODE_MAX and number not in real:
            yield code_symbols(number)


def test_unknown_codes_have_one_answer(stall: Stall, client: FlaskClient) -> None:
    tried = list(codes(stall))
    assert len(tried) >= 2 * TRIED
    seen = set()
    for code in tried:
        answer = client.get(f"/i/{code}", headers=HTML)
        seen.add((answer.status_code, answer.get_data(), str(answer.headers)))
    ((status, _, _),) = seen
    assert status == 404


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("tail", ["", "/label", "/bundle", "/history"])
def test_programs_learn_no_more(stall: Stall, is_open: bool, tail: str) -> None:
    client = stall.client(is_open=is_open)
    seen = set()
    for code in list(codes(stall))[::97]:
        answer = client.get(f"/api/v1/lots/{code}{tail}", headers=JSON)
        body = answer.get_data(as_text=True).replace(code, "CODE")
        seen.add((answer.status_code, body))
    ((status, _),) = seen
    assert status in (401, 404)
