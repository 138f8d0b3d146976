"""An auditor verifies with four libraries installed, and no others (decision 0004)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIBRARIES = ("cryptography", "nacl", "cbor2", "msgspec")
LOADS = """
import base64, importlib, json, pathlib, pkgutil, sys

ALLOWED = set(sys.argv[1].split())

class Missing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ALLOWED or top in sys.stdlib_module_names:
            return None
        raise ModuleNotFoundError(f"{name} is not installed", name=name)

sys.meta_path.insert(0, Missing())
import ledger.verify
for module in pkgutil.iter_modules(ledger.verify.__path__):
    importlib.import_module(f"ledger.verify.{module.name}")
from ledger.trust import parse_trust
from ledger.verify.file import verify_bytes
files = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
for name in ("card", "bundle", "fork"):
    data = base64.b64decode(files[name])
    print(verify_bytes(data, trust=parse_trust(files["trust"]), now_s=files["now_s"]).outcome.value)
"""


def loaded(root: Path, *libraries: str) -> subprocess.CompletedProcess[str]:
    # What comes with these: `cffi` carries the calls of PyNaCl.
    allowed = " ".join(("ledger", "_cffi_backend", "_cbor2", *libraries))
    vectors = str(root / "tests" / "vectors" / "files.json")
    words = [sys.executable, "-c", LOADS, allowed, vectors]
    return subprocess.run(words, check=False, cwd=root, capture_output=True, text=True)


def test_four_libraries_are_enough_to_verify(project_root: Path) -> None:
    ran = loaded(project_root, *LIBRARIES)
    assert (ran.returncode, ran.stdout.split()) == (0, ["verified"] * 3), ran.stderr


def test_one_that_is_not_installed_is_missed(project_root: Path) -> None:
    # `cryptography` is asked for keys of P-256 alone.
    for name in LIBRARIES[1:]:
        ran = loaded(project_root, *(other for other in LIBRARIES if other != name))
        assert ran.returncode == 1, name
        assert "is not installed" in ran.stderr
