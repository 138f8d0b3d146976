"""The mutants themselves: each is another program, and each kind of slip is made."""

from __future__ import annotations

import ast
from pathlib import Path

from slips import drawn, mutants_of

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = '''
def check(count, known):
    """Yield where "é" is more than 3."""
    if not known and count > 3:
        yield "é", count + 1
    while count in known:
        count -= abs(count - 1)
'''


def test_each_kind_of_slip_is_made() -> None:
    made = {(m.line, m.before, m.after) for m in mutants_of(SOURCE, "check.py")}
    assert made == {
        (4, "not known and count > 3", "(not known or count > 3)"),
        (4, "count > 3", "(count >= 3)"),
        (5, 'yield "é", count + 1', "pass"),
        (5, "1", "2"),
        (6, "count in known", "(count not in known)"),
        (7, "1", "2"),
    }


def test_every_mutant_of_the_product_is_another_program() -> None:
    for mutant in drawn(ROOT, ["ledger/wire", "ledger/custody/rules/papers.py"], sample=30, seed=1):
        source = (ROOT / mutant.file).read_text(encoding="utf-8")
        assert source[mutant.start :].startswith(mutant.before)
        changed = ast.dump(ast.parse(mutant.apply(source)))
        assert changed != ast.dump(ast.parse(source)), mutant


def test_a_seed_draws_the_same_mutants_again() -> None:
    def of(seed: int) -> list[str]:
        found = drawn(ROOT, ["ledger/log/tree.py"], sample=10, seed=seed)
        return [f"{m.file}:{m.start} {m.after}" for m in found]

    assert of(3) == of(3) != of(4)
