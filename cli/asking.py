"""What a person is asked before signing: acts that nothing said later takes back.

Owns the list, by type of event (docs/cli.md, What is asked about), so that `statement sign` asks
what the act's own command does. Asks nothing itself: see `Session.confirm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cli.output import many

Ask = Callable[[Any], str]
"""Returns what is said of an event before it is signed, in one sentence."""


def question_of(event: object) -> str:
    """Return what a person is asked before an event is signed, "" where it can be taken back."""
    ask = ASKED.get(type(event).__name__)
    return ask(event) if ask is not None else ""


def _marks(event: Any) -> str:
    from ledger.custody.goods import count

    return f"{many(count(event.ranges), 'mark')} of {event.account} may stand on no goods any more."


ASKED: Mapping[str, Ask] = {
    "ApprovalGiven": lambda event: f"Approve the act {event.of.hex()[:16]}….",
    "CustodyRecovered": lambda event: (
        f"Move {many(len(event.lots), 'lot')} of {event.party} to {event.to}."
    ),
    "DisclosureWithdrawn": lambda event: f"Withdraw {many(len(event.digests), 'disclosure')}.",
    "DocumentCancelled": lambda event: f"Cancel {event.document}: every lot under it shows a stop.",
    "DocumentReplaced": lambda event: f"{event.replaces} will cover nothing any more.",
    "EndorsementWithdrawn": lambda event: f"Take back an endorsement of {event.document}.",
    "FindingClosed": lambda event: f"Close {event.rule} on {event.subject}.",
    "KeyRecovered": lambda event: f"Give {event.party} a new key.",
    "KeyRevoked": lambda _: "The key ends for good.",
    "KeyRotated": lambda _: "Your old key ends for good.",
    "LotConfiscated": lambda event: f"Confiscate {many(len(event.lots), 'lot')}.",
    "LotDeparted": lambda event: f"Custody of {many(len(event.lots), 'lot')} ends.",
    "LotRetired": lambda event: f"End {many(len(event.lots), 'lot')} as {event.why}.",
    "LotSeized": lambda event: f"Seize {many(len(event.lots), 'lot')}.",
    "MarksReturned": _marks,
    "RegistrarKeyChanged": lambda event: f"Replace the {event.purpose} key.",
    "RootChanged": lambda event: (
        f"{many(len(event.root), 'root key')}, {event.threshold} must agree."
    ),
    "RuleSetAdopted": lambda event: f"Adopt the rules {event.rules}.",
    "SeizureRecorded": lambda event: f"Record the seizure {event.document}.",
    "StatementDropped": lambda event: f"Give up {many(len(event.numbers), 'number')} of a key.",
}
"""What is said of each act that ends something for good."""
