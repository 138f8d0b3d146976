"""Marks as a person types or prints them, turned into the names that the ledger writes.

Owns the question where a text has two readings: it is asked, never guessed. The forms themselves
stand in `reference.mark_forms`.
"""

from __future__ import annotations

from ledger.errors import UsageError
from ledger.reference.mark_forms import readings

DEFAULT_SCHEME = "TAG"
"""The scheme of marks that name none and have no form of their own."""


def mark_name(text: str, *, scheme: str | None = None) -> str:
    """Return the name `SCHEME/TEXT` of a typed mark; a crocodilian tag in any usual spelling.

    Raise UsageError where the text has more than one reading. Without `scheme` the form tells it,
    else it is TAG.
    """
    found = readings(text, scheme=scheme)
    if len(found) > 1:
        shown = " or ".join(name.partition("/")[2] for name in found)
        raise UsageError(
            "mark.ambiguous",
            f"{text} has no separator between year and serial: is it {shown}?",
            hint="Write the mark as one of these.",
            params={"mark": text[:64], "readings": shown},
        )
    if found:
        return found[0]
    return f"{scheme or DEFAULT_SCHEME}/{text}"
