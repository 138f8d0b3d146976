"""docs/cli.md and docs/errors.md, held to the commands and to the places that raise."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def pages(project_root: Path) -> ModuleType:
    path = project_root / "tests" / "commands" / "generate_pages.py"
    spec = importlib.util.spec_from_file_location("generate_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["generate_pages"] = module
    spec.loader.exec_module(module)
    return module


def test_every_command_stands_in_the_page_as_it_is(pages: ModuleType) -> None:
    text = pages.CLI_PAGE.read_text(encoding="utf-8")
    for words, _ in pages.commands():
        assert f"### {words}\n" in text, f"{words}: run tests/commands/generate_pages.py"
    assert text == pages.page(text, pages.command_section()), "run generate_pages.py"


def test_every_code_stands_in_the_page_as_it_is_raised(pages: ModuleType) -> None:
    text = pages.ERRORS_PAGE.read_text(encoding="utf-8")
    missing = [code.code for code in pages.codes() if f"| `{code.code}` |" not in text]
    assert missing == [], "run tests/commands/generate_pages.py"
    assert text == pages.page(text, pages.error_section()), "run generate_pages.py"


def test_every_command_shows_an_example_first(pages: ModuleType) -> None:
    bare = [
        words
        for words, command in pages.commands()
        if "Example" not in (command.help or "") and words != "ringmark demo"
    ]
    assert bare == []


def test_every_command_that_signs_can_be_tried_first(pages: ModuleType) -> None:
    import inspect

    silent = []
    for words, command in pages.commands():
        options = {param.name for param in command.params}
        signs = "manner" in inspect.signature(inspect.unwrap(command.callback)).parameters
        if signs and not {"dry_run", "yes", "queue"} <= options:
            silent.append(words)
    assert silent == []


def test_the_page_names_every_exit_code(pages: ModuleType) -> None:
    from cli import exits

    text = pages.CLI_PAGE.read_text(encoding="utf-8")
    numbers = [
        value for name, value in vars(exits).items() if name.isupper() and type(value) is int
    ]
    assert [n for n in numbers if f"\n| {n} |" not in text] == []
