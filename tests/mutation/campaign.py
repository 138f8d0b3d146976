"""Mutants against the tests: how many small wrong changes of the product turn a test red.

    python tests/mutation/campaign.py --sample 40 --seed 1 ledger/verify ledger/custody/rules

Each mutant is written into a copy of the project, where the tests run that name its module, and
then those beside them, until one fails. Ends with 1 where a mutant survives, which is printed: a
missing test, or a condition that nothing needs. A survivor costs minutes, the others seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from slips import Mutant, drawn

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("ledger", "web", "cli", "tests", "docs", "README.md", "pyproject.toml", "Makefile")
LEFT = shutil.ignore_patterns("__pycache__", ".*_cache", "node_modules", "benchmarks")
FOLDERS = ["ledger/custody/rules", "ledger/custody/effects", "ledger/verify", "ledger/log"]
MUTANT_S = 1_200
"""Seconds after which a mutant that hangs counts as killed."""


def main() -> int:
    """Draw, run and count mutants; return 1 where one survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chosen = drawn(ROOT, asked.folders, sample=asked.sample, seed=asked.seed)
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        place = _copied(Path(folder) / "ringmark")
        for mutant in chosen:
            killer = _killer_of(mutant, place)
            survived += killer is None
            what = f"{mutant.file}:{mutant.line}: {mutant.before!r} -> {mutant.after!r}"
            print(
                f"{'SURVIVED' if killer is None else 'killed'}  {what}  {killer or ''}", flush=True
            )
    print(f"seed {asked.seed}: {len(chosen)} mutants, {survived} survived")
    return int(survived > 0)


def _copied(place: Path) -> Path:
    place.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=LEFT)
        else:
            shutil.copy(source, place)
    return place


def _killer_of(mutant: Mutant, place: Path) -> str | None:
    """Return the test that fails with a mutant, or None where all pass."""
    path = place / mutant.file
    source = path.read_text(encoding="utf-8")
    path.write_text(mutant.apply(source), encoding="utf-8")
    try:
        near = _naming(mutant.file, place)
        beside = [str(Path(test).parent) for test in near] + _named_alike(mutant.file, place)
        return _red(near, place) or _red([*dict.fromkeys(beside), "tests/stories"], place)
    finally:
        path.write_text(source, encoding="utf-8")


def _naming(file: str, place: Path) -> list[str]:
    """Return the test files that import a module."""
    package, _, name = file.removesuffix(".py").replace("/", ".").rpartition(".")
    whole, part = f"from {package}.{name} import", f"from {package} import"
    found: list[str] = []
    for test in sorted((place / "tests").rglob("test_*.py")):
        lines = test.read_text(encoding="utf-8").splitlines()
        if any(
            line.startswith(whole) or (line.startswith(part) and name in line) for line in lines
        ):
            found.append(str(test.relative_to(place)))
    return found


def _named_alike(file: str, place: Path) -> list[str]:
    """Return the folders of tests that are named as one of a module's packages."""
    packages = Path(file).parent.parts[1:]
    folders = sorted(path.name for path in (place / "tests").iterdir() if path.is_dir())
    return [f"tests/{name}" for name in folders if name.startswith(packages)]


def _red(tests: list[str], place: Path) -> str | None:
    """Return the first test of some that fails, or None."""
    if not tests:
        return None
    shared = os.environ.get("RINGMARK_SHARED_DATA", str(ROOT.parent / "shared" / "data"))
    environment = os.environ | {"PYTHONPATH": str(place), "RINGMARK_SHARED_DATA": shared}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *tests],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=MUTANT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "no answer in time"
    if done.returncode == 0:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0] if failed else f"pytest ended with {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
