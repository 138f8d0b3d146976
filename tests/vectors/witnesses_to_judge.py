"""Cards for verify.json whose checkpoint a policy wants cosigned: by enough witnesses, or not."""

from __future__ import annotations

from collections.abc import Iterator

from proof_files import rebuilt, unpacked
from trail import Trail, world
from witnessing import AT_S, FOUR, WITNESSES, Witness, cosigned, demanding, false_line

from ledger.trust import Trust

NESTED = ("group two 2 W0 W1", "group one any W2 W3", "group both all two one", "quorum both")
ALL = ("group every all W0 W1 W2", "quorum every")
POLICIES = {"three of four": FOUR, "one": ("quorum W2",), "all": ALL, "nested": NESTED}
SIGNED_BY = ((), (0,), (2,), (3,), (0, 1), (0, 1, 2), (1, 2, 3), (0, 1, 2, 3))


def witnessed() -> Iterator[tuple[str, Trail, bytes, Trust]]:
    """Yield name, trail, card and what the verifier trusts."""
    trail, code = world("vector-witnessed")
    card = trail.reader.card(code)
    note = unpacked(card)["head"]["checkpoint"]

    def under(changed: bytes) -> bytes:
        return rebuilt(card, ("head", "checkpoint"), changed)

    for policy, rule in {**POLICIES, "none": ("quorum none",)}.items():
        for numbers in SIGNED_BY:
            signed = under(cosigned(note, *(WITNESSES[n] for n in numbers)))
            said = " ".join(map(str, numbers)) or "nobody"
            yield f"witnesses: {policy}, signed by {said}", trail, signed, demanding(trail, rule)
    four = demanding(trail)
    strangers = under(cosigned(note, *WITNESSES[:2], Witness(9), Witness(10)))
    yield "witnesses: strangers", trail, strangers, four
    for time_s in (0, 1, AT_S, (1 << 53) - 1, 1 << 53):
        timed = under(cosigned(note, *WITNESSES, time_s=time_s))
        yield f"witnesses: at {time_s}", trail, timed, four
    other, _ = world("vector-witnessed-elsewhere")
    forged = under(false_line(note, other.reader.checkpoint_note(), *WITNESSES))
    yield "witnesses: of another checkpoint", trail, forged, four
