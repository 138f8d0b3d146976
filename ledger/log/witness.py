"""Witnesses: whose cosignatures make a checkpoint good (C2SP tlog-policy, tlog-cosignature).

Owns the text of a policy, its arithmetic, and the check of cosignatures of type 0x04; the
verifier's side only (docs/formats/tlog-policy.md). Reads no clock: times come out, the caller
judges their age.

    log ledger.example/demo+877d5f7b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c
    witness W1 witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU
    quorum W1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError, UsageError
from ledger.log.checkpoint import LOG_SIGNATURE, known_lines
from ledger.wire.note import Note, VerifierKey, parse_note, parse_vkey
from ledger.wire.text import parse_decimal

COSIGNATURE = 4
"""The note signature type of a timestamped Ed25519 cosignature."""
COSIGNATURE_ML_DSA = 6
NO_QUORUM = "none"
LINES_MAX = 1_000
TIME_MAX = 2**53 - 1


class PolicyKey(Struct, frozen=True):
    """A log or a witness in a policy: the name used there, its key, and a URL or nothing."""

    name: str
    vkey: VerifierKey
    url: str = ""


class Group(Struct, frozen=True):
    """At least `threshold` of `members` (names of witnesses or groups) must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


class Policy(Struct, frozen=True):
    """Whose signatures a verifier demands: logs, witnesses, groups, and the name that decides."""

    logs: tuple[PolicyKey, ...]
    witnesses: tuple[PolicyKey, ...]
    groups: tuple[Group, ...]
    quorum: str


class Tolerance(Struct, frozen=True):
    """How many witnesses may fail: `corrupt` may sign two trees, `absent` may sign none."""

    corrupt: int
    absent: int


def parse_policy(policy_text: str) -> Policy:
    """Return the policy in a text (docs/formats/tlog-policy.md).

    MalformedError for a text that C2SP tlog-policy does not allow. UsageError for a quorum that two
    sets without a common witness reach: such a policy lets a log show two trees.
    """
    builder = _PolicyLines()
    for number, line in enumerate(_lines(policy_text), start=1):
        fields = line.replace("\t", " ").split(" ")
        words = [word for word in fields if word]
        if words and not words[0].startswith("#"):
            builder.take(words, number)
    policy = builder.finish()
    if policy.quorum != NO_QUORUM and tolerance(policy).corrupt < 0:
        raise UsageError(
            "policy.split-view",
            "Two sets of witnesses without a common member reach the quorum.",
            hint="Demand more than half of each group, such as 3 of 4.",
        )
    return policy


def is_reached(policy: Policy, names: AbstractSet[str]) -> bool:
    """Return whether the witnesses `names` (as the policy calls them) make up its quorum."""
    if policy.quorum == NO_QUORUM:
        return True
    return bool(
        _evaluate(
            policy,
            witness=lambda name: int(name in names),
            group=lambda group, reached: int(sum(reached) >= group.threshold),
        )
    )


def tolerance(policy: Policy) -> Tolerance:
    """Return how many corrupt and how many absent witnesses the quorum survives.

    Two sets that reach k of n share at least 2k − n members; in nested groups the cheapest members
    count. `corrupt` is -1 when no witness at all needs to be corrupt.
    """
    if policy.quorum == NO_QUORUM:
        return Tolerance(corrupt=-1, absent=len(policy.witnesses))
    shared = _evaluate(
        policy,
        witness=lambda _: 1,
        group=lambda group, costs: sum(
            sorted(costs)[: max(0, 2 * group.threshold - len(group.members))]
        ),
    )
    blocking = _evaluate(
        policy,
        witness=lambda _: 1,
        group=lambda group, costs: sum(sorted(costs)[: len(group.members) - group.threshold + 1]),
    )
    return Tolerance(corrupt=shared - 1, absent=blocking - 1)


def check_cosignatures(note: bytes, *, policy: Policy) -> dict[str, int]:
    """Return who cosigned: name in the policy to time in seconds.

    ProofError when a line of a known witness fails; lines of unknown keys are passed over, and so
    are ML-DSA witnesses, which cannot be checked here and therefore never count.
    """
    parsed = parse_note(note)
    names = {
        witness.vkey: witness.name
        for witness in policy.witnesses
        if witness.vkey.signature_type == COSIGNATURE
    }
    return {
        names[vkey]: check_cosignature(parsed, vkey=vkey, blob=line.signature)
        for vkey, line in known_lines(parsed, tuple(names))
    }


def check_cosignature(note: Note, *, vkey: VerifierKey, blob: bytes) -> int:
    """Return the time (s) of a cosignature 0x04 of `vkey` over the note, or raise ProofError.

    `blob` is 8 bytes time, big-endian, and 64 bytes signature (C2SP tlog-cosignature).
    """
    if len(blob) != 72:
        raise MalformedError(
            "witness.cosignature", f"The cosignature of {vkey.name!r} has {len(blob)} bytes."
        )
    time_s = int.from_bytes(blob[:8], "big")
    if not 0 < time_s <= TIME_MAX:
        raise MalformedError("witness.time", f"The cosignature of {vkey.name!r} has no time.")
    keys.check_signature(
        alg=keys.ED25519,
        public_key=vkey.public,
        message=f"cosignature/v1\ntime {time_s}\n{note.text}".encode(),
        signature=blob[8:],
    )
    return time_s


class _PolicyLines:
    """What the lines read so far have defined."""

    def __init__(self) -> None:
        self._logs: list[PolicyKey] = []
        self._witnesses: dict[str, PolicyKey] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, words: Sequence[str], number: int) -> None:
        """Take one line; `number` (from 1) is for messages."""
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(parse_vkey(vkey), "".join(url), number)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, parse_vkey(vkey), "".join(url), number)
            case ["group", name, threshold, first, *others]:
                self._group(name, threshold, (first, *others), number)
            case ["quorum", name] if self._quorum is None:
                if name != NO_QUORUM and not self._is_defined(name):
                    raise _malformed(number, f"{name!r} is not defined above")
                self._quorum = name
            case _:
                raise _malformed(number, "it is no log, witness, group or only quorum line")

    def finish(self) -> Policy:
        """Return the policy; MalformedError without a quorum line."""
        if self._quorum is None:
            raise MalformedError(
                "policy.quorum",
                "The policy has no quorum line.",
                hint="Add `quorum none` or a name.",
            )
        groups = tuple(self._groups.values())
        return Policy(tuple(self._logs), tuple(self._witnesses.values()), groups, self._quorum)

    def _log(self, vkey: VerifierKey, url: str, number: int) -> None:
        if vkey.signature_type != LOG_SIGNATURE:
            raise _malformed(number, f"a log key has not the type {vkey.signature_type}")
        if any(known.vkey.public == vkey.public for known in self._logs):
            raise _malformed(number, "the key of this log stands above already")
        self._logs.append(PolicyKey(vkey.name, vkey, url))

    def _witness(self, name: str, vkey: VerifierKey, url: str, number: int) -> None:
        if vkey.signature_type not in {COSIGNATURE, COSIGNATURE_ML_DSA}:
            raise _malformed(number, f"a witness key has not the type {vkey.signature_type}")
        if any(known.vkey.public == vkey.public for known in self._witnesses.values()):
            raise _malformed(number, "the key of this witness stands above already")
        self._define(name, number)
        self._witnesses[name] = PolicyKey(name, vkey, url)

    def _group(self, name: str, threshold: str, members: tuple[str, ...], number: int) -> None:
        for member in members:
            if not self._is_defined(member):
                raise _malformed(number, f"{member!r} is not defined above")
            if member in self._members:
                raise _malformed(number, f"{member!r} is a member of two groups or twice of one")
            self._members.add(member)
        self._define(name, number)
        count = {"all": len(members), "any": 1}.get(threshold) or parse_decimal(threshold)
        if not 1 <= count <= len(members):
            raise _malformed(number, f"{count} of {len(members)} members cannot be demanded")
        self._groups[name] = Group(name, count, members)

    def _define(self, name: str, number: int) -> None:
        if name == NO_QUORUM or self._is_defined(name):
            raise _malformed(number, f"the name {name!r} is taken")

    def _is_defined(self, name: str) -> bool:
        return name in self._witnesses or name in self._groups


def _lines(policy_text: str) -> list[str]:
    """Return the lines of a policy; MalformedError for a control character or too many lines."""
    if any((ord(c) < 0x20 and c not in "\t\n") or c == "\x7f" for c in policy_text):
        raise MalformedError(
            "policy.control",
            "The policy has a control character.",
            hint="Use tabs and newlines only.",
        )
    lines = policy_text.split("\n")
    if len(lines) > LINES_MAX:
        raise MalformedError("policy.lines", f"The policy has more than {LINES_MAX:,} lines.")
    return lines


def _evaluate(
    policy: Policy,
    *,
    witness: Callable[[str], int],
    group: Callable[[Group, list[int]], int],
) -> int:
    """Return the value of the quorum's name; members stand before the groups that name them."""
    values = {known.name: witness(known.name) for known in policy.witnesses}
    for known in policy.groups:
        values[known.name] = group(known, [values[member] for member in known.members])
    return values[policy.quorum]


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def _malformed(number: int, why: str) -> MalformedError:
    return MalformedError(
        "policy.line", f"Line {number} of the policy cannot be taken: {why}.", hint="Correct it."
    )
