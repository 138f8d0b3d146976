"""Each step of the write path fails both ways: what becomes of it is told in docs/operations.md.

Not done: the step fails before it did anything. Done: it did all and was reported to have failed.
The client sends again, then the process starts again; docs/operations.md has what is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import power
import pytest
from failing import Broken, Faulty

from ledger import keys
from ledger.registrar import Failed, Registered
from ledger.registrar.registrar import Registrar
from ledger.storage.published import PublishedFile
from ledger.storage.sqlite import SqliteStore

STEPS = ("COMMIT", "read back", "sign the checkpoint", "high-water mark", "second copy",
         "second copy's mark", "published checkpoint")  # fmt: skip
WAYS = ("not done", "done")


@dataclass
class Signing:
    """The checkpoint key, which fails once: before it signed, or after, its signature lost."""

    real: keys.PrivateKey
    done: bool
    armed: bool = False

    @property
    def key(self) -> Any:
        return self.real.key

    @property
    def kid(self) -> bytes:
        return self.real.kid

    def sign(self, message: bytes) -> bytes:
        if self.armed:
            self.armed = False
            if self.done:
                self.real.sign(message)
            raise Broken("the key did not answer")
        return self.real.sign(message)


def break_step(opened: Any, world: Any, step: str, *, done: bool) -> tuple[Registrar, Any]:
    """Return a registrar on the ledger with one step that can be armed to fail."""
    store: Any = opened.store
    mark: Any = opened._mark
    published: Any = PublishedFile(opened.directory / "checkpoint")
    signers: Mapping[bytes, Any] = opened.signers
    fault: Any
    if step in ("COMMIT", "read back"):
        fault = store = Faulty(store, "commit" if step == "COMMIT" else "reread", done=done)
    elif step == "sign the checkpoint":
        note = opened.newest_note()
        kid = next(k for k, one in signers.items() if is_checkpoint_key(one, opened, note))
        fault = Signing(signers[kid], done)
        signers = {**signers, kid: fault}
    elif step == "high-water mark":
        fault = mark = Faulty(mark, "move", done=done)
    elif step == "second copy":
        fault = store._second = Faulty(store._second, "commit", done=done)
    elif step == "second copy's mark":
        fault = mark._second = Faulty(mark._second, "move", done=done)
    else:
        fault = published = Faulty(published, "write", done=done)
    registrar = Registrar(store, mark, published, signers=signers, tables=opened.tables,
                          clock=world.clock)  # fmt: skip
    return registrar, fault


def is_checkpoint_key(signer: Any, opened: Any, note: bytes) -> bool:
    from ledger.registrar.opening import key_in_force

    state = opened.registrar.live.state
    index = opened.registrar.head().size - 1
    return signer.kid == key_in_force(state, purpose="checkpoint", index=index)


def table(root: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the rows of the page: what is seen for each step and way."""
    page = (root / "docs/operations.md").read_text(encoding="utf-8")
    lines = page.partition("### When a step fails")[2].partition("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {(row[0], row[1]): tuple(row[2:]) for row in rows[2:]}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", STEPS)
def test_step_that_fails_is_met_as_the_page_says(
    step: str, way: str, actors: Any, directory: Path, tmp_path: Path, project_root: Path
) -> None:
    world, opened = actors.open_world(directory, copy=tmp_path / "copy")
    registrar, fault = break_step(opened, world, step, done=way == "done")
    world.clock.advance(2)
    raw = world.birth()
    fault.armed = True
    (first,) = registrar.submit([raw])
    assert not fault.armed
    seen = (answer(first), *where(opened, first.id, tmp_path / "copy"))
    (again,) = registrar.submit([raw])
    assert isinstance(again, Registered)
    assert table(project_root)[step, way] == (*seen, "the same index" if again.again else "new")
    world.clock.advance(2)
    registrar.tick()
    opened.store.settle()
    opened.close()
    world, opened = actors.open_world(directory, copy=tmp_path / "copy")
    (last,) = world.registrar.submit([raw])
    assert isinstance(last, Registered)
    assert (last.index, last.receipt) == (again.index, again.receipt)
    actors.check_log(opened.store, opened.trust)
    opened.close()
    power.audit_clean(directory)


def answer(outcome: Any) -> str:
    return f"`{outcome.error.code}`" if isinstance(outcome, Failed) else "registered"


def where(opened: Any, name: bytes, copy: Path) -> tuple[str, str, str]:
    """Return whether the block is in the database, the mark above it, the block in the copy."""
    fresh, second = SqliteStore(opened.store.path), SqliteStore(copy / "ledger.db")
    head = fresh.head()
    assert head is not None
    stored, copied = fresh.index_of(name) is not None, second.index_of(name) is not None
    is_marked = stored and opened._mark.read().size == head.size
    fresh.close()
    second.close()
    words = {True: "yes", False: "no"}
    return words[stored], words[copied], words[is_marked]


def test_page_has_each_step_both_ways(project_root: Path) -> None:
    assert set(table(project_root)) == {(step, way) for step in STEPS for way in WAYS}
