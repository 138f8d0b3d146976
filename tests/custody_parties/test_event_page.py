"""docs/events.md names every event with its fields, signer, rules and command."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import NODEFAULT, structs

from ledger.custody.events import EVENTS, BlockClosed
from ledger.custody.rules.roles import HAPPENING, MOVING, SEEING
from ledger.custody.rules.ruleset import RULES

KINDS = {**{kind.__name__: kind for kind in EVENTS.values()}, "BlockClosed": BlockClosed}


def sections(project_root: Path) -> dict[str, str]:
    text = (project_root / "docs" / "events.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: body for name, body in found.items() if name in KINDS}


def test_every_event_has_a_section(project_root: Path) -> None:
    assert set(sections(project_root)) == set(KINDS)


def test_every_section_has_the_fields_of_its_event(project_root: Path) -> None:
    for name, body in sections(project_root).items():
        named = re.findall(r"^\| `(\w+)` \|.*\| (always|optional) \|$", body, re.MULTILINE)
        fields = structs.fields(KINDS[name])
        optional = {
            f.name: f.default is not NODEFAULT or f.default_factory is not NODEFAULT for f in fields
        }
        assert [field for field, _ in named] == list(optional), name
        assert {field: form == "optional" for field, form in named} == optional, name


def test_every_section_says_who_signs_what_judges_and_which_command(project_root: Path) -> None:
    for name, body in sections(project_root).items():
        assert "Signed by: " in body, name
        assert re.search(r"^Rules: .*Command: ", body, re.MULTILINE), name


def test_every_section_says_which_fields_of_the_envelope_it_may_have(project_root: Path) -> None:
    for name, body in sections(project_root).items():
        kind = KINDS[name]
        said = body.partition("Envelope: ")[2].partition("\n")[0]
        assert ("`when`" in said) == (kind in HAPPENING), name
        assert ("`prev`" in said) == (kind in MOVING), name
        assert ("`seen`" in said) == (kind in SEEING), name


def test_the_rules_that_the_page_names_exist(project_root: Path) -> None:
    names = {rule.name for rule in RULES}
    families = {name.partition(".")[0] for name in names}
    for event, body in sections(project_root).items():
        line = body.partition("Rules: ")[2].partition(" Command: ")[0]
        for name in re.findall(r"`([a-z]+\.[a-z*-]+)`", line):
            family, _, reason = name.partition(".")
            assert name in names or (reason == "*" and family in families), (event, name)
