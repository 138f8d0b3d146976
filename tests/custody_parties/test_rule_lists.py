"""One list of rules: code, page and words say the same, in every family."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from generate_rules_page import complete

from ledger.custody.events import EVENTS
from ledger.custody.rules.ruleset import CHECKS, EFFECTS, RULES
from ledger.reference.wording import LANGUAGES, places, word, wordings

EFFECT_WORDS = {"refuse": "Refuses", "stop": "Stop", "check": "Check", "note": "Note"}
NAME = re.compile(r"[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
SENT = {"Refusal", "Flag", "Finding", "Misfit", "Excess"}


def page(project_root: Path) -> dict[str, str]:
    """Each heading of docs/rules.md with the text below it."""
    text = (project_root / "docs" / "rules.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (\S+)$", text, flags=re.MULTILINE)[1:]
    names, bodies = parts[::2], parts[1::2]
    assert len(set(names)) == len(names)
    return dict(zip(names, bodies, strict=True))


def test_each_rule_is_listed_once() -> None:
    names = [rule.name for rule in RULES]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if not NAME.fullmatch(name)] == []


def test_code_page_and_words_name_the_same_rules(project_root: Path) -> None:
    names = {rule.name for rule in RULES}
    assert set(page(project_root)) == names
    assert set(wordings()) == names


def test_the_page_says_what_the_code_says(project_root: Path) -> None:
    bodies = page(project_root)
    for rule in RULES:
        body = bodies[rule.name]
        effects = rule.effect.split(", ")
        for effect in effects:
            assert EFFECT_WORDS[effect].lower() in body.split("·")[0].lower(), rule.name
        assert rule.summary in body, rule.name
        assert "Source: " in body, rule.name


def test_each_entry_says_what_may_lie_behind_it_and_what_ends_it(project_root: Path) -> None:
    # Where this fails: python tests/custody_parties/generate_rules_page.py
    text = (project_root / "docs" / "rules.md").read_text(encoding="utf-8")
    assert complete(text) == text
    for rule in RULES:
        body = page(project_root)[rule.name]
        needed = ("Instead: ",) if rule.effect == "refuse" else ("Innocent explanation: ", "Ended")
        assert [word for word in needed if word not in body] == [], rule.name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_rule_has_a_sentence_and_a_hint(lang: str) -> None:
    for name in wordings():
        message, hint = word(name, {}, lang)
        assert message.endswith((".", "…")), (name, message)
        assert hint.endswith((".", "…")), (name, hint)


def test_languages_have_the_same_places() -> None:
    for name, wording in wordings().items():
        for texts in (wording.messages, wording.hints):
            assert len({places(text) for text in texts.values()}) == 1, name


def test_a_finding_needs_no_facts() -> None:
    # A finding is shown from its record, which keeps the rule alone.
    for rule in RULES:
        if rule.effect != "refuse":
            texts = [
                *wordings()[rule.name].messages.values(),
                *wordings()[rule.name].hints.values(),
            ]
            assert all(places(text) <= {"on"} for text in texts), rule.name


def test_every_event_is_judged_and_has_an_effect() -> None:
    assert set(CHECKS) == set(EVENTS.values())
    # An approval has the effect of the act that it completes.
    assert {kind.__name__ for kind in set(EVENTS.values()) - set(EFFECTS)} == {"ApprovalGiven"}


def test_every_rule_that_the_code_names_is_listed(project_root: Path) -> None:
    sent = set(names_sent(project_root / "ledger" / "custody"))
    sent |= set(names_sent(project_root / "ledger" / "policy.py"))
    assert sent - {rule.name for rule in RULES} == set()


def test_every_listed_rule_is_named_by_the_code(project_root: Path) -> None:
    files = [*(project_root / "ledger" / "custody").rglob("*.py")]
    files += [project_root / "ledger" / name for name in ("policy.py", "block.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [r.name for r in RULES if text.count(f'"{r.name}"') < 2] == []


def names_sent(place: Path) -> Iterator[str]:
    """The rule names that refusals, flags and findings are made with, where they are literals."""
    for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SENT:
                texts = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
                yield from (t for t in texts if isinstance(t, str) and NAME.fullmatch(t))
