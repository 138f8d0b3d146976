"""What a desk remembers of one ledger: numbers used, and lots as last seen or last signed for.

Owns one JSON file for each ledger in the home. It lets a party sign without a network: the heads of
its lots and the next number of each key are here. Nothing in it is proof of anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.desk.home import write_file
from ledger.errors import MalformedError
from ledger.wire import text


class Memory:
    """Numbers by key, and lots by their codes, as plain values."""

    def __init__(self, file: Path) -> None:
        self._file = file
        plain = self._read()
        self._numbers: dict[str, int] = plain.get("numbers", {})
        self._lots: dict[str, dict[str, Any]] = plain.get("lots", {})
        self._touched: set[str] = set()

    def last_number(self, kid: bytes) -> int:
        """Return the last number that `kid` used as far as is known here; 0 for none."""
        return self._numbers.get(kid.hex(), 0)

    def use_number(self, kid: bytes, number: int) -> None:
        """Note that `kid` used `number`; the last one never falls."""
        self._numbers[kid.hex()] = max(number, self.last_number(kid))

    def knows(self, kid: bytes) -> bool:
        """Return whether this desk has seen every number of `kid` from the first on."""
        return kid.hex() in self._numbers

    def lot(self, code: str) -> dict[str, Any] | None:
        """Return what is remembered of a lot or container, or None."""
        return self._lots.get(code)

    def put_lot(self, code: str, plain: dict[str, Any]) -> None:
        """Remember a lot or container as the ledger just said it."""
        self._lots[code] = plain
        self._touched.add(code)

    def move(self, code: str, head: bytes) -> None:
        """Note that a statement signed here became the head of `code`."""
        self._lots.setdefault(code, {})["head"] = head.hex()
        self._touched.add(code)

    def drop_lot(self, code: str) -> None:
        """Forget a lot, so that the ledger is asked about it again."""
        self._lots.pop(code, None)
        self._touched.add(code)

    def codes(self) -> tuple[str, ...]:
        """Return all codes that are remembered, sorted."""
        return tuple(sorted(self._lots))

    def save(self) -> None:
        """Write what changed here over what another command may have written meanwhile."""
        plain = self._read()
        for kid, number in plain.get("numbers", {}).items():
            self._numbers[kid] = max(number, self._numbers.get(kid, 0))
        lots = plain.get("lots", {})
        for code in self._touched:
            lots.pop(code, None)
            if code in self._lots:
                lots[code] = self._lots[code]
        self._lots = lots
        body = {"numbers": self._numbers, "lots": self._lots}
        write_file(self._file, text.json_dumps(body).encode() + b"\n")

    def _read(self) -> dict[str, Any]:
        plain = text.json_loads(self._file.read_bytes()) if self._file.exists() else {}
        if not isinstance(plain, dict):
            raise MalformedError(
                "desk.memory", f"{self._file} is no JSON object.", hint="Delete it."
            )
        return plain
