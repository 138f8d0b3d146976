"""Mutants: one small wrong change of a module each, as a slip of a pen would make it.

A condition is inverted, a comparison moved by one, `and` and `or` change places, a number moves by
one, a remark of a rule is forgotten. Only what is run counts: texts and annotations stay.
"""

from __future__ import annotations

import ast
import random  # noqa: TID251 - which mutants are drawn, no secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MOVED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file: `before` stands at `start` (characters), `after` takes its place."""

    file: str
    line: int
    start: int
    before: str
    after: str

    def apply(self, source: str) -> str:
        """Return the file's text with the change."""
        return source[: self.start] + self.after + source[self.start + len(self.before) :]


def mutants_of(source: str, file: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its lines."""
    places = _Places(source)
    found: list[Mutant] = []
    for parent in ast.walk(ast.parse(source)):
        for node in _run(parent):
            start, stop = places.of(node)
            before = source[start:stop]
            found += [
                Mutant(file, node.lineno, start, before, after) for after in _changed(node, before)
            ]
    yield from sorted(found, key=lambda mutant: (mutant.start, mutant.after))


def drawn(root: Path, folders: list[str], *, sample: int, seed: int) -> list[Mutant]:
    """Return a sample of the mutants of all modules under `folders`, the same for a seed."""
    found: list[Mutant] = []
    for folder in folders:
        under = root / folder
        for path in sorted([under] if under.is_file() else under.rglob("*.py")):
            name = str(path.relative_to(root))
            found += mutants_of(path.read_text(encoding="utf-8"), name)
    chosen = random.Random(seed).sample(found, min(sample, len(found)))
    return sorted(chosen, key=lambda mutant: (mutant.file, mutant.start))


class _Places:
    """Where nodes stand in a text: ast counts columns in bytes."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return start and stop of a node, in characters."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._at(node.lineno, node.col_offset)
        return start, self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        written = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(written)


def _run(parent: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield what of a node is run and may be changed, each once."""
    match parent:
        case ast.If() | ast.While() | ast.IfExp():
            yield parent.test
        case ast.Expr(value=ast.Yield()):
            yield parent
        case ast.Compare() | ast.BoolOp():
            yield parent
        case ast.BinOp() | ast.Call():
            yield from (node for node in ast.iter_child_nodes(parent) if _is_number(node))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _changed(node: ast.expr | ast.stmt, before: str) -> Iterator[str]:
    """Yield what may stand in the place of a node."""
    match node:
        case ast.Expr():
            yield "pass"
        case ast.Constant(value=int(number)):
            yield str(number + 1)
        case ast.Compare(ops=[op]) if type(op) in _MOVED:
            left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
            moved = ast.Compare(node.left, [_MOVED[type(op)]()], node.comparators)
            yield f"({ast.unparse(moved)})" if left != right else f"not ({before})"
        case ast.BoolOp(op=op):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, node.values))})"
        case ast.expr():
            yield f"(not ({before}))"
