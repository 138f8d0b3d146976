"""Each rule that leaves a finding says what may lie behind it, what ends it, and how."""

from __future__ import annotations

import shlex

import click
import pytest

from cli.main import ringmark
from ledger.custody.rules.control import STOPS
from ledger.custody.rules.ruleset import RULES
from ledger.reference.explaining import closings, commands, explain, explanations
from ledger.reference.wording import LANGUAGES

FINDING_RULES = sorted(rule.name for rule in RULES if rule.effect != "refuse")
NO_CLOSING = {*STOPS, "party.suspended"}
"""What `finding.release` keeps from being closed: it is lifted otherwise."""
FACTS = {
    "subject": "document/ZW/EXPORT/26 B",
    "name": "ZW/EXPORT/26 B",
    "rule": "mark.cloned",
    "cause": "ab" * 32,
    "key": "cd" * 32,
}


def test_every_rule_that_leaves_a_finding_is_explained_and_no_other() -> None:
    # A new rule needs a row in ledger/reference/data/explanations.csv.
    assert sorted(explanations()) == FINDING_RULES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explanations_are_sentences(lang: str) -> None:
    for rule in FINDING_RULES:
        for said in explain(rule, lang):
            assert said.endswith("."), (rule, said)
            assert said[0].isupper(), (rule, said)


def test_an_unknown_rule_or_language_is_no_error() -> None:
    assert explain("no.such-rule") == ("", "")
    assert commands("no.such-rule", FACTS) == ()
    assert explain("mark.cloned", "de") == explain("mark.cloned", "en")


def test_what_only_a_release_lifts_says_so() -> None:
    for rule in FINDING_RULES:
        ways = {closing.way for closing in explanations()[rule].closings}
        assert ("close" in ways) == (rule not in NO_CLOSING), rule


def test_every_way_is_used() -> None:
    used = {closing.way for each in explanations().values() for closing in each.closings}
    assert set(closings()) == used


@pytest.mark.parametrize("way", sorted(closings()))
def test_each_command_is_one_of_ours(way: str) -> None:
    rule = next(r for r in FINDING_RULES if closings()[way] in explanations()[r].closings)
    for line in commands(rule, FACTS):
        words = shlex.split(line)
        assert words[0] == "ringmark"
        command: click.Command = ringmark
        context = click.Context(ringmark)
        rest = words[1:]
        while isinstance(command, click.Group):
            found = command.get_command(context, rest.pop(0))
            assert found is not None, line
            command = found
        # Every option that is named exists, and every name stays one word.
        known = {name for param in command.params for name in param.opts}
        assert {word for word in rest if word.startswith("--")} <= known, line
        assert not [word for word in rest if word == "26" or "{" in word], line
