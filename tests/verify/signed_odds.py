"""Cards whose odd values the registrar itself signed: only the form can give them away.

A flipped bit breaks a hash. Whoever has the registrar's keys breaks none: it puts any bytes into a
record or a closing, and signs state root, closing and checkpoint over them.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

from hostile import checkpoint_kid, note_of
from proof_files import packed, unpacked
from trail import Trail

from ledger.block import closing_key
from ledger.log.frontier import LevelStore, prove_inclusion
from ledger.log.statemap import state_path
from ledger.log.tree import leaf_hash
from ledger.verify.card import examine_card
from ledger.wire import cbor, cose


class Forger:
    """Takes the honest card of a trail, and signs it anew with other records or another closing."""

    def __init__(self, trail: Trail, card: bytes) -> None:
        self.trail, self.card = trail, card
        self.body = unpacked(card)
        found = examine_card(card, trust=trail.trust, now_s=trail.clock.now_s())
        self.paths = [item.record.path for item in found.reached]
        size = trail.store.head().size
        self._raws = trail.store.raws(0, size - 1)
        assert checkpoint_kid(trail)

    def record(self, place: int) -> Any:
        """The record at a place of the walk as plain values."""
        return cbor.decode(self.body["records"][place]["record"], size_max=1 << 24)

    def born_at(self) -> int:
        """When the goods began, or the ledger's time where they are a paper."""
        return self.record(0).get("born_at", self.trail.clock.now_s())

    def with_record(self, place: int, plain: Any) -> bytes:
        """The card with another record, which the closing's state has too."""
        body = copy.deepcopy(self.body)
        return self._stated(body, self.paths[place], body["records"][place], plain)

    def own(self) -> Any:
        """The ledger's own record as plain values."""
        return cbor.decode(self.body["head"]["own"]["record"], size_max=1 << 24)

    def with_own(self, plain: Any) -> bytes:
        """The card with another record of the ledger itself."""
        body = copy.deepcopy(self.body)
        path = state_path(self.trail.ledger, "ledger", "")
        return self._stated(body, path, body["head"]["own"], plain)

    def with_closing(self, members: Mapping[str, Any], *, iat: Any = None) -> bytes:
        """The card under a closing that says something else."""
        return self._signed(copy.deepcopy(self.body), members, iat=iat)

    def _stated(self, body: Any, at: bytes, row: Any, plain: Any) -> bytes:
        row["record"] = plain if isinstance(plain, bytes) else cbor.encode(plain)
        statemap = self.trail.registrar.live.statemap.copy()
        statemap.apply({at: hashlib.sha256(row["record"]).digest()})
        for path, other in zip(self.paths, body["records"], strict=False):
            other["proof"] = statemap.prove(path)
        own = state_path(self.trail.ledger, "ledger", "")
        body["head"]["own"]["proof"] = statemap.prove(own)
        return self._signed(body, {"state": statemap.root()})

    def _signed(self, body: Any, members: Mapping[str, Any], *, iat: Any = None) -> bytes:
        head = body["head"]
        sign1 = cose.decode_sign1(head["closing"])
        payload = {**cbor.decode(sign1.payload), **members}
        headers = cbor.decode(sign1.protected)
        headers[15][6] = payload["at"] if iat is None else iat
        protected = cbor.encode(headers)
        content = cbor.encode({name: v for name, v in payload.items() if v is not ...})
        message = cose.sig_structure(protected=protected, payload=content)
        signed = cose.Sign1(protected, content, self._signer().sign(message))
        head["closing"] = cose.encode_sign1(signed)
        leaves = [*self._raws, head["closing"]]
        hashes = [leaf_hash(raw) for raw in leaves]
        reader = LevelStore().reader(lambda start, stop: hashes[start:stop], size=len(hashes))
        head["path"] = prove_inclusion(reader, index=len(hashes) - 1, size=len(hashes))
        for row in head["track"]:
            row["path"] = prove_inclusion(reader, index=row["index"], size=len(hashes))
        head["checkpoint"] = note_of(self.trail, leaves)
        return packed(self.card, body)

    def _signer(self) -> Any:
        state = self.trail.reader.ledger().state
        kid = closing_key(state, purpose="closing", index=self.trail.store.head().size - 1)
        return self.trail.made.signers[kid]
