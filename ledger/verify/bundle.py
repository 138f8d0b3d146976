"""Bundles: everything needed to judge one lot offline (docs/formats/bundle.md).

Owns the bundle's form and the order of its checks: the card's, then the statements behind every
record. Reads no clock, no store.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.subjects import Kind, Subject
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.multiproof import check_inclusions
from ledger.log.statemap import state_path
from ledger.log.tree import leaf_hash
from ledger.records import decode_record, track_of
from ledger.statement import Statement, parse_statement
from ledger.trust import Trust
from ledger.verify.card import judge_records
from ledger.verify.checks import proved_record
from ledger.verify.founding import Placed
from ledger.verify.gather import OpenRecord, Reached
from ledger.verify.head import (
    FILE_SIZE_MAX,
    Asked,
    Head,
    Opened,
    ProvedRecord,
    failed,
    open_head,
)
from ledger.verify.signing import check_signatures
from ledger.verify.steps import Steps
from ledger.verify.traced import Traced
from ledger.verify.tracing import check_lines
from ledger.verify.verdict import Verdict
from ledger.wire import cbor, fields, frame, text

NAME = "ringmark.bundle"
VERSION = 1
STATEMENTS_MAX = 2_000
"""Beyond this many statements ancestors come as records alone."""


class BundleSubject(Struct, frozen=True):
    """A subject by kind and name: its record with proof, its inner map, its whole track.

    `track` are leaf indexes, oldest first; without it the record stands alone and has no `inner`.
    """

    kind: str
    name: str
    record: bytes
    proof: object
    inner: bytes | None = None
    track: tuple[int, ...] = ()


class Bundle(Struct, frozen=True):
    """The body of a bundle.

    `subjects` are the lot and all that it rests on, in the order of the walk; `signers` the parties
    beyond those that signed any of `statements`, up to the root. `statements` are (leaf index,
    bytes), ascending; `nodes` prove all of them at once under the head's checkpoint.
    """

    head: Head
    code: str
    subjects: tuple[BundleSubject, ...]
    statements: tuple[tuple[int, bytes], ...]
    nodes: tuple[bytes, ...]
    signers: tuple[BundleSubject, ...] = ()


def format_bundle(bundle: Bundle) -> bytes:
    """Return the framed file of a bundle; raise UndecidedError above 8 MiB."""
    data = frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(bundle)))
    check_size(len(data))
    return data


def check_size(size: int) -> None:
    """Raise UndecidedError where a bundle has more than 8 MiB: nobody would take it."""
    if size > FILE_SIZE_MAX:
        raise UndecidedError(
            "bundle.size",
            f"The statements of this lot and of who signed them fill {size:,} bytes; "
            "a bundle has 8 MiB at most.",
            hint="Take the card, which proves the lot's record: ringmark export card. "
            "An audit of the ledger replays the statements: ringmark audit.",
            params={"size": size},
        )


def parse_bundle(data: bytes) -> Bundle:
    """Return the bundle in `data`; raise MalformedError or, for its version, UndecidedError."""
    version, body = frame.unframe(data, name=NAME, size_max=FILE_SIZE_MAX)
    if version != VERSION:
        raise UndecidedError("file.unknown", f"The bundle has the unknown version {version}.")
    plain = cbor.decode(body, size_max=FILE_SIZE_MAX)
    bundle = fields.from_plain(Bundle, plain, path="bundle")
    text.code_value(bundle.code)
    return bundle


def check_bundle(data: bytes, *, trust: Trust, now_s: int, asked: Asked | None = None) -> Verdict:
    """Return what a bundle says and whether its proofs hold; never raises for what is in `data`.

    `trust`, `now_s` (s) and `asked` come from the verifier's side. The steps are those of
    docs/formats/bundle.md; the first that fails ends the verification.
    """
    asked = asked or Asked()
    steps = Steps()
    try:
        with steps.step("file.form"):
            bundle = parse_bundle(data)
        opened = open_head(bundle.head, trust=trust, steps=steps, remembered=asked.remembered)
        verdict, reached = judge_records(
            tuple(ProvedRecord(s.proof, s.record) for s in bundle.subjects),
            subject=Subject(Kind.LOT, bundle.code),
            opened=opened,
            trust=trust,
            now_s=now_s,
            asked=asked,
            steps=steps,
        )
        _check_statements(bundle, reached, opened, steps)
    except RingmarkError as error:
        return failed(error, steps)
    return replace(verdict, checks=steps.done)


def _check_statements(
    bundle: Bundle, reached: tuple[Reached, ...], opened: Opened, steps: Steps
) -> None:
    statements = _open_statements(bundle, opened, steps)
    with steps.step("records.named"):
        records = [item.record for item in reached]
        for subject, record in zip(bundle.subjects, records, strict=True):
            if _path(subject, opened.ledger) != record.path:
                raise ProofError("bundle.name", "A name does not lead to its record's path.")
        signers = tuple(_open_signer(subject, opened) for subject in bundle.signers)
        _check_needed(bundle, statements)
    named = tuple(zip(bundle.subjects, records, strict=True))
    with steps.step("tracks.complete"):
        traced = tuple(
            _trace(subject, record, statements)
            for subject, record in (*named, *zip(bundle.signers, signers, strict=True))
        )
        _check_all_used(traced, statements)
    alone = sum(not item.track for item in traced)
    steps.detail(f"{len(statements)} statements" + (f", {alone} records alone" if alone else ""))
    with steps.step("statements.signed"):
        check_signatures(traced, statements, opened)
    check_lines(traced, opened, steps)


def _open_statements(bundle: Bundle, opened: Opened, steps: Steps) -> Mapping[int, Statement]:
    with steps.step("statements.included"):
        leaves = {index: leaf_hash(raw) for index, raw in bundle.statements}
        if list(leaves) != sorted(leaves) or len(leaves) != len(bundle.statements):
            raise MalformedError("bundle.order", "The statements are not in the log's order.")
        checkpoint = opened.anchor.checkpoint
        check_inclusions(leaves, size=checkpoint.size, nodes=bundle.nodes, expected=checkpoint.root)
    with steps.step("statements.form"):
        return {index: parse_statement(raw) for index, raw in bundle.statements}


def _open_signer(subject: BundleSubject, opened: Opened) -> OpenRecord:
    if subject.kind != Kind.PARTY.value:
        raise MalformedError("bundle.signers", "A signer is not a party.")
    path = _path(subject, opened.ledger)
    return proved_record(path, subject.record, subject.proof, anchor=opened.anchor, kind=Kind.PARTY)


def _check_needed(bundle: Bundle, statements: Mapping[int, Statement]) -> None:
    """Raise MalformedError for a signer that signed nothing or stands in the file already."""
    names = [subject.name for subject in bundle.signers]
    there = {subject.name for subject in bundle.subjects if subject.kind == Kind.PARTY.value}
    signed = {statement.party for statement in statements.values()}
    if len(set(names)) != len(names) or there & set(names) or set(names) - signed:
        raise MalformedError("bundle.signers", "The file has a signer that nothing needs.")


def _trace(
    subject: BundleSubject, record: OpenRecord, statements: Mapping[int, Statement]
) -> Traced:
    key = Subject(record.kind, subject.name)
    if not subject.track:
        if subject.inner is not None:
            raise MalformedError("bundle.inner", "A record without its track has no inner map.")
        return Traced(key, record, None, ())
    missing = [index for index in subject.track if index not in statements]
    if missing or list(subject.track) != sorted(set(subject.track)):
        raise ProofError("bundle.track", f"The track of {key} is not in the file.")
    track = tuple(Placed(index, statements[index]) for index in subject.track)
    ids = [placed.statement.id for placed in track]
    if len(ids) != record.n or track_of(ids) != record.track:
        raise ProofError("bundle.track", f"The track of {key} is not complete.")
    full = decode_record(key, record=subject.record, inner=subject.inner or b"", first=ids[0])
    return Traced(key, record, full, track)


def _check_all_used(traced: tuple[Traced, ...], statements: Mapping[int, Statement]) -> None:
    used = {placed.index for item in traced for placed in item.track}
    if used != set(statements):
        raise MalformedError("bundle.statements", "The file has a statement of no track.")
    if not traced[0].track:
        raise ProofError("bundle.track", "The lot's own track is not in the file.")


def _path(subject: BundleSubject, ledger: bytes) -> bytes:
    return state_path(ledger, subject.kind, subject.name)
