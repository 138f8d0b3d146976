"""Write what docs/cli.md and docs/errors.md say of every command and every error code.

    python tests/commands/generate_pages.py

The commands come from their own --help, the codes from the places that raise them. A test makes
both again in memory and compares, so a command or a code without its row fails.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from cli.exits import exit_code
from cli.main import ringmark
from ledger import errors
from web.problems import CODE_STATUS, STATUS

ROOT = Path(__file__).resolve().parents[2]
CLI_PAGE = ROOT / "docs" / "cli.md"
ERRORS_PAGE = ROOT / "docs" / "errors.md"
BEGIN = "<!-- begin: made by tests/commands/generate_pages.py -->"
END = "<!-- end -->"
WIDTH = 100
CLASSES = {name: kind for name, kind in vars(errors).items() if name.endswith("Error")}
# Classes that carry one of the eight, and where their code stands among the arguments.
DERIVED = {
    "WholeError": ("ProofError", 1),
    "ContradictionError": ("ProofError", 2),
    "RememberedError": ("MalformedError", 0),
}
# Problems of a sheet's rows; the first of them becomes a MalformedError.
ROWS = {"RowProblem": 2, "problem": 1}
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.(?:[a-z0-9]+(?:-[a-z0-9]+)*|\*))+|[a-z]+")


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code as it is raised somewhere: its class, and the words that go with it."""

    code: str
    kind: str
    message: str
    hint: str


def commands(
    group: click.Group = ringmark, path: tuple[str, ...] = ("ringmark",)
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with the words that call it."""
    ctx = click.Context(group, info_name=path[-1])
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def command_section() -> str:
    """Return one heading for each command, with its help."""
    parts = []
    for words, command in commands():
        ctx = click.Context(
            command,
            info_name=words,
            max_content_width=WIDTH,
            terminal_width=WIDTH,
            help_option_names=["-h", "--help"],
        )
        help_text = "\n".join(line.rstrip() for line in command.get_help(ctx).splitlines())
        parts.append(f"### {words}\n\n```\n{help_text}\n```\n")
    return "\n".join(parts)


def codes(root: Path = ROOT) -> list[Code]:
    """Return every code that is raised, each once, sorted."""
    found: dict[str, Code] = {}
    for package in ("ledger", "cli", "web"):
        for file in sorted((root / package).rglob("*.py")):
            for code in _codes_in(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(code.code, code)
    return sorted(found.values())


def error_section() -> str:
    """Return the table of all codes."""
    lines = [
        "| code | class | exit | HTTP | what it says | what to do |",
        "|---|---|---|---|---|---|",
    ]
    for code in codes():
        kind = CLASSES[code.kind]
        status = CODE_STATUS.get(code.code) or STATUS.get(kind, 500)
        number = exit_code(kind(code.code, ""))
        cells = (f"`{code.code}`", code.kind, str(number), str(status), code.message, code.hint)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def page(text: str, section: str) -> str:
    """Return a page with what stands between its two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{section}\n{END}{after}"


def _codes_in(tree: ast.Module) -> Iterator[Code]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node.func)
        if name in CLASSES:
            yield from _codes_of(node, kind=name, at=0)
        elif name in DERIVED:
            yield from _codes_of(node, kind=DERIVED[name][0], at=DERIVED[name][1])
        elif name in ROWS:
            yield from _codes_of(node, kind="MalformedError", at=ROWS[name])


def _codes_of(node: ast.Call, *, kind: str, at: int) -> Iterator[Code]:
    if len(node.args) <= at:
        return
    message = _text(node.args[at + 1]) if len(node.args) > at + 1 else ""
    hints = [_text(word.value) for word in node.keywords if word.arg == "hint"]
    hint = hints[0] if hints else ""
    if kind == "MalformedError" and at in ROWS.values() and len(node.args) > at + 2:
        hint = _text(node.args[at + 2])
    for code in _literals(node.args[at]):
        if _CODE.fullmatch(code) and "." in code:
            yield Code(code, kind, message, hint)


def _called(func: ast.expr) -> str:
    if isinstance(func, ast.Name):
        return func.id
    return func.attr if isinstance(func, ast.Attribute) else ""


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _literals(value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(p.value if isinstance(p, ast.Constant) else "*" for p in node.values)


def _text(node: ast.expr) -> str:
    """Return a message as a reader sees it, with an ellipsis for each fact."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
        return " ".join("".join(str(part) for part in parts).split())
    if isinstance(node, ast.IfExp):
        return _text(node.body)
    if isinstance(node, ast.BinOp):
        return f"{_text(node.left)}{_text(node.right)}".strip()
    return "…"


def main() -> None:
    """Write both pages."""
    for path, section in ((CLI_PAGE, command_section()), (ERRORS_PAGE, error_section())):
        path.write_text(page(path.read_text(encoding="utf-8"), section), encoding="utf-8")


if __name__ == "__main__":
    main()
