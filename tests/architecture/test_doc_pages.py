"""The pages of docs/ and the README: all are there, and what they link to is there too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PAGES = (
    "architecture", "events", "rules", "checks", "errors", "frauds", "cli", "http", "performance",
    "scale", "threat-model", "running", "operations", "auditing", "glossary", "changelog",
)  # fmt: skip
FOLDERS = ("formats", "stories", "decisions")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def kept(root: Path) -> list[Path]:
    """All Markdown files that are part of the project."""
    pages = [root / "README.md", *(root / "docs").rglob("*.md")]
    return [page for page in pages if page.exists()]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_there(project_root: Path, name: str) -> None:
    page = project_root / "docs" / f"{name}.md"
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", FOLDERS)
def test_folder_has_pages(project_root: Path, name: str) -> None:
    assert list((project_root / "docs" / name).glob("*.md"))


def test_links_lead_somewhere(project_root: Path) -> None:
    broken = []
    for page in kept(project_root):
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for link in LINK.findall(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            whole = target.exists() and (not anchor or anchor in anchors(target))
            if not whole:
                broken.append(f"{page.relative_to(project_root)}: {link}")
    assert broken == []


def test_pictures_of_the_readme_are_kept(project_root: Path) -> None:
    text = (project_root / "README.md").read_text(encoding="utf-8")
    shown = {link for link in LINK.findall(text) if link.endswith(".png")}
    listed = subprocess.run(
        ["git", "ls-files", "docs/screenshots"],
        cwd=project_root,
        check=False,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert shown
    for link in shown:
        assert (project_root / link).read_bytes().startswith(b"\x89PNG")
        assert not listed or link in listed


def test_architecture_shows_the_layers_that_the_linter_holds(project_root: Path) -> None:
    page = (project_root / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = [
        re.findall(r"(?<![\w`])\.?(?:ledger\.)?([a-z]+)", line[:40].partition("   ")[0])
        for line in page.partition("```\n")[2].partition("\n```")[0].splitlines()
    ]
    held = (project_root / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.findall(r'^  "([^"]+)",$', held.partition("layers = [")[2].partition("]")[0], re.M)
    words = [re.findall(r"[a-z]+", layer.replace("ledger.", "")) for layer in layers]
    there = [sorted(name for name in names if is_there(name, project_root)) for names in words]
    flat = [names for names in there if names]
    assert by_layer(shown, flat) == flat


def is_there(name: str, root: Path) -> bool:
    places = (root / name, root / "ledger" / name, root / "ledger" / f"{name}.py")
    return any(place.exists() for place in places)


def by_layer(shown: list[list[str]], flat: list[list[str]]) -> list[list[str]]:
    """Return what is shown, cut into layers of the same lengths: a layer may take two lines."""
    names, cut = [name for line in shown for name in line], []
    for layer in flat:
        cut.append(sorted(names[: len(layer)]))
        names = names[len(layer) :]
    return [*cut, *([sorted(names)] if names else [])]
