"""What the rest of a lot does after a part was taken out of it: whoever bought the part is free."""

from __future__ import annotations

import pytest
from parted import STORIES, rest_exported
from test_verdict_levels import look, told


@pytest.mark.parametrize("name", STORIES)
def test_parts_answer_for_what_was_there_when_they_were_taken(name):
    trail, code, expected = STORIES[name]()
    assert told(trail, code) == expected


def test_what_does_not_reach_a_part_is_shown():
    trail, part = rest_exported("shown", quantity=1)
    shown = [(f.rule, f.reaches, f.inherited) for f in look(trail, part).findings]
    assert ("document.overdrawn", False, True) in shown
