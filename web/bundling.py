"""Many ES modules as one: a phone asks once for what stands in a dozen files.

Owns the joining alone (docs/decisions/0019-one-file-for-the-phone.md). Our modules keep to a form
that lines can be read by: one import or export to a statement, at the beginning of a line, by name;
no name declared by two modules; comments on lines of their own; a semicolon after every statement.
What has another form is refused.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from string import ascii_letters

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[a-z/.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|(?:async )?function|class) (\w+))", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?:export )?(?:const|let|(?:async )?function|class) (\w+|[\[{])", re.MULTILINE
)
_COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b", re.MULTILINE)
# Strings, templates without templates inside, regular expressions (where no number can end), space.
_PIECE = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`"""
    r"""|(?<=[=(,:?!&|;{\[])\s*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/)|(\s+)|(/[/*])"""
)
_WORD = re.compile(r"[\w$]")
_OWN = re.compile(
    r"\b(?:const|let|function|class) ([a-z]+[A-Z]\w*|[A-Z][A-Z_]{5,}|[A-Z][a-z]+Error)\b"
)
_BORROWED = frozenset(("isArray",))
"""Names that we declare and that are the browser's own, too."""


def bundle(modules: Mapping[str, str], *, entry: str) -> str:
    """Return `entry` and every module that it imports as one module, each run once, in order.

    `modules` are texts by path, such as `verify/card.js`; they share one scope. Raise ValueError
    for one that is missing, part of a circle, declares a name of another, or is not of our form.
    """
    order: dict[str, None] = {}
    _visit(entry, modules, order, above=())
    homes: dict[str, str] = {}
    for path in order:
        for name in _DECLARED.findall(modules[path]):
            if not _WORD.match(name) or name in homes:
                raise ValueError(f"{path} declares {name}, as {homes.get(name, 'no name')} does.")
            homes[name] = path
    return "\n".join(_joined(path, modules) for path in order)


def shortened(text: str) -> str:
    """Return a bundle in which every long name that it declares is a letter or two.

    That is what is written in camelCase, all in capitals, or as an error. A name is replaced
    wherever it stands, as a member of an object too: no text and no table has such a word, and what
    the browser gives us is not declared.
    """
    counted = Counter(re.findall(r"\w+", text))
    names = set(_OWN.findall(text)) - _BORROWED
    order = sorted(names, key=lambda name: (-counted[name], name))
    short = {name: f"${_letters(number)}" for number, name in enumerate(order)}
    return re.sub(r"\b\w+\b", lambda match: short.get(match[0], match[0]), text)


def _letters(number: int) -> str:
    rest, last = divmod(number, len(ascii_letters))
    return (ascii_letters[rest - 1] if rest else "") + ascii_letters[last]


def _visit(
    path: str, modules: Mapping[str, str], order: dict[str, None], *, above: tuple[str, ...]
) -> None:
    if path in above or path not in modules:
        raise ValueError(f"{path} is missing or imports itself: {' > '.join((*above, path))}")
    for _, source in _IMPORT.findall(modules[path]):
        imported = _resolved(path, source)
        if imported not in order:
            _visit(imported, modules, order, above=(*above, path))
    order[path] = None


def _joined(path: str, modules: Mapping[str, str]) -> str:
    """Return a module's text without its imports: what they name is declared above it."""
    for names, source in _IMPORT.findall(modules[path]):
        given = set(_EXPORT.findall(modules[_resolved(path, source)]))
        if not given.issuperset(names.replace(",", " ").split()):
            raise ValueError(f"{path} imports what {source} does not export by that name.")
    body = _EXPORT.sub("", _IMPORT.sub("", modules[path]))
    if _LEFT.search(body):
        raise ValueError(f"{path} imports or exports in a form that is not bundled.")
    return _tightened(_COMMENT.sub("", body), path)


def _tightened(text: str, path: str) -> str:
    """Return a module's text without the space that parts no two words."""

    def kept(match: re.Match[str]) -> str:
        literal, space, comment = match.groups()
        if comment:
            raise ValueError(f"{path} has a comment behind code.")
        if not space:
            return str(literal).lstrip()
        before, after = text[match.start() - 1], text[match.end() : match.end() + 1]
        parts = _WORD.match(before) and _WORD.match(after)
        # `a + +b` is not `a ++b`.
        return " " if parts or (before in "+-" and before == after) else ""

    return _PIECE.sub(kept, text)


def _resolved(path: str, source: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
