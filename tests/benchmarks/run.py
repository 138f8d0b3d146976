"""All benchmarks by one command; each figure is a ratio of two things measured in the same run.

python tests/benchmarks/run.py [--quick] [PART …]
python tests/benchmarks/run.py scale --events 1000000
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import measure

PARTS = {
    "writing": "writing",
    "layers": "layers",
    "growing": "growing",
    "proofs": "proofs",
    "reading": "reading",
    "listing": "listing",
    "serving": "serving",
    "auditing": "auditing",
    "postgres": "postgres",
    "peers": "peers",
}
"""Parts and their modules; what a part imports beyond the product is nobody else's matter."""
SCALE = "scale"


def main() -> None:
    """Run the parts that were asked for and print one table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--events", type=int, default=200_000, help="statements of the part scale")
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, SCALE, []], help="which parts; all but scale if none"
    )
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    for name in asked.parts or PARTS:
        measure.NOISE.clear()
        with tempfile.TemporaryDirectory(dir=".", prefix=".benchmark-") as place:
            figures = _figures(name, Path(place), asked)
        print(f"\n## {name}\n\n{measure.show(figures)}\n\n{measure.quietness()}", flush=True)


def _figures(name: str, folder: Path, asked: argparse.Namespace) -> list[measure.Figure]:
    if name == SCALE:
        scaling = importlib.import_module("scaling")
        rows: list[measure.Figure] = scaling.figures(folder, asked.events)
        return rows
    part = importlib.import_module(PARTS[name])
    figures: list[measure.Figure] = part.figures(folder, asked.quick)
    return figures


if __name__ == "__main__":
    main()
