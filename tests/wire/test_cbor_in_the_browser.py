"""T19, T25: the browser's CBOR decoder takes what Python takes, and refuses for its reasons."""

from __future__ import annotations

import hashlib
import json
import random  # noqa: TID251 - seeded
import shutil
import subprocess
from pathlib import Path
from typing import Any

from mutants import SEED, mutate, seeds, verdict

from ledger.wire import cbor

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = 60_000
WIRE: dict[str, Any] = json.loads(
    (ROOT / "tests" / "vectors" / "wire.json").read_text(encoding="utf-8")
)


def written(value: Any) -> str:
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int():
            return f"i{value}"
        case str():
            return f"t{value.encode().hex()}"
        case bytes():
            return f"b{value.hex()}"
        case list():
            return f"[{','.join(map(written, value))}]"
    return f"{{{','.join(f'{written(k)}:{written(v)}' for k, v in value.items())}}}"


def in_python(data: bytes) -> str:
    said, value = verdict(cbor.decode, data)
    if said == "refused":
        return str(value)
    return hashlib.sha256(written(value).encode()).hexdigest()[:16]


def in_the_browser(inputs: list[bytes], folder: Path) -> list[str]:
    file = folder / "inputs.hex"
    file.write_text("\n".join(data.hex() for data in inputs))
    script = Path(__file__).resolve().parent / "check_cbor.mjs"
    words = [shutil.which("node") or "node", script, file, ROOT / "web" / "static" / "verify"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=True)
    return done.stdout.removesuffix("\n").split("\n")


def test_every_vector_is_read_the_same(tmp_path: Path) -> None:
    taken = [bytes.fromhex(row["hex"]) for row in WIRE["cbor"]["taken"]]
    refused = {bytes.fromhex(row["hex"]): row["code"] for row in WIRE["cbor"]["refused"]}
    said = in_the_browser([*taken, *refused], tmp_path)
    assert said == [in_python(data) for data in taken] + list(refused.values())


def test_mutated_inputs_are_read_the_same(tmp_path: Path) -> None:
    dice = random.Random(f"browser {SEED}")
    sources = seeds()
    inputs = [mutate(dice.choice(sources), dice) for _ in range(MUTANTS)]
    said = in_the_browser(inputs, tmp_path)
    assert len(said) == MUTANTS
    for data, answer in zip(inputs, said, strict=True):
        assert answer == in_python(data), data.hex()
