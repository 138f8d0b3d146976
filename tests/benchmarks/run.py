"""All benchmarks by one command; each figure is a ratio of two things measured in the same run.

python tests/benchmarks/run.py [--quick] [writing] [layers] [proofs] [reading] [auditing] [postgres]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import auditing
import layers
import postgres
import proofs
import reading
import writing
from measure import Figure, show

PARTS: dict[str, Callable[[Path, bool], list[Figure]]] = {
    "writing": writing.figures,
    "layers": layers.figures,
    "proofs": proofs.figures,
    "reading": reading.figures,
    "auditing": auditing.figures,
    "postgres": postgres.figures,
}


def main() -> None:
    """Run the parts that were asked for and print one table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all if none")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    for name in asked.parts or PARTS:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            figures = PARTS[name](Path(folder), asked.quick)
        print(f"\n## {name}\n\n{show(figures)}", flush=True)


if __name__ == "__main__":
    main()
