"""A ledger behind an address: the HTTP interface of docs/http.md, seen from the client.

Owns requests, limits and the turn of problem details into errors. Trusts nothing of what it reads:
sizes are capped, JSON is strict, and proofs are checked by the caller.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from msgspec.structs import asdict

from ledger.desk.answers import answer_of, check_is, check_no_page, offers_in, problem_of
from ledger.desk.source import (
    PAGE_ROWS,
    Answer,
    Kept,
    Plain,
)
from ledger.errors import (
    MalformedError,
    RefusedError,
    RingmarkError,
    UnavailableError,
    UsageError,
)
from ledger.storage.finding_list import Wanted
from ledger.token import SCHEME
from ledger.wire import cbor, text

BATCH = "application/vnd.ringmark.batch+cbor"
BATCH_COUNT = 100
BATCH_SIZE_MAX = 4 * 1024 * 1024
ANSWER_SIZE_MAX = 64 * 1024 * 1024
TIMEOUT_S = 30


Prove = Callable[[str], str | None]
"""Returns a reading token for a host, or None where nobody is there who could sign one."""


class RemoteSource:
    """A ledger at `url`, such as `https://ledger.example.org`.

    `prove` signs a reading token once the ledger says that it would show more to those it knows.
    """

    def __init__(self, url: str, *, prove: Prove | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(
                "remote.address",
                f"{url!r} is no address of a ledger.",
                hint="It begins with https:// or http://, or is a folder of this machine.",
            )
        self._url = url.rstrip("/")
        self._host = parts.hostname or ""
        self._prove = prove
        self._token: str | None = None

    def about(self) -> Plain:
        """Return what the ledger says of itself: id, origin, hosts, size."""
        return self._object("/api/v1/ledger")

    def lot(self, code: str) -> Plain:
        """Return a lot."""
        return self._coded(f"/api/v1/lots/{code}", code)

    def container(self, code: str) -> Plain:
        """Return a container."""
        return self._coded(f"/api/v1/containers/{code}", code)

    def mark(self, name: str) -> Plain:
        """Return what claims a mark, named `SCHEME/TEXT`."""
        return self._object(f"/api/v1/marks/{quote(name)}")

    def party(self, party: str) -> Plain:
        """Return a party with its keys and their next numbers."""
        return self._object(f"/api/v1/parties/{quote(party)}")

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        """Return the bytes of the statement with that number of a party's key, refused ones too."""
        return self.read(f"/api/v1/parties/{quote(party)}/numbers/{kid.hex()}/{number}")

    def parties(self) -> Sequence[Plain]:
        """Return all parties."""
        return self._rows("/api/v1/parties", "parties")

    def lots_pages(self, party: str) -> Iterator[Sequence[Plain]]:
        """Yield the lots that a party holds or owns, sorted by code, page by page."""
        path, after = f"/api/v1/parties/{quote(party)}/lots", ""
        while page := self._rows(f"{path}?after={quote(after, safe='')}", "lots"):
            last = str(page[-1].get("code"))
            if last <= after:
                raise MalformedError("remote.answer", f"{self._url} lists lots in no order.")
            yield page
            if len(page) < PAGE_ROWS:
                return
            after = last

    def offers(self, party: str) -> Sequence[Plain]:
        """Return the open offers to and by a party."""
        plain = self._json(f"/api/v1/parties/{quote(party)}/offers")
        return offers_in(plain)

    def document(self, name: str) -> Plain:
        """Return a document, named `CC/KIND/NUMBER`."""
        return self._object(f"/api/v1/documents/{quote(name)}")

    def facility(self, name: str) -> Plain:
        """Return a facility, named `PARTY/SLUG`."""
        return self._object(f"/api/v1/facilities/{quote(name)}")

    def facilities_of(self, party: str) -> Sequence[Plain]:
        """Return the places of a party."""
        return self._rows(f"/api/v1/parties/{quote(party)}/facilities", "facilities")

    def entry(self, kind: str, name: str) -> Plain:
        """Return an account or a reference by its name."""
        return self._object(f"/api/v1/entries/{quote(kind)}/{quote(name)}")

    def entries(self, kind: str, prefix: str) -> Sequence[Plain]:
        """Return accounts or references whose names begin with `prefix`."""
        path = f"/api/v1/entries/{quote(kind)}?prefix={quote(prefix, safe='')}"
        found: list[Plain] = []
        after = ""
        while page := self._rows(f"{path}&after={quote(after, safe='')}", "entries"):
            last = str(page[-1].get("name"))
            if last <= after:
                raise MalformedError("remote.answer", f"{self._url} lists entries in no order.")
            found, after = [*found, *page], last
        return found

    def findings(self, wanted: Wanted, *, after: str = "", limit: int = PAGE_ROWS) -> Plain:
        """Return a page of the wanted findings from a place on: `findings`, `next`, `counts`."""
        asked = {**asdict(wanted), "after": after, "limit": limit}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        page = self._object(f"/api/v1/findings?{query}")
        rows, place = page.get("findings"), page.get("next")
        if not isinstance(rows, list) or not isinstance(place, str) or place == after != "":
            raise MalformedError("remote.answer", f"{self._url} does not answer with findings.")
        return page

    def waiting(self, party: str | None, country: str | None, section: str | None = None) -> Plain:
        """Return what waits for an authority, by section, or in one of them alone."""
        asked = {"for": party or "", "country": country or "", "section": section or ""}
        return self._object(f"/api/v1/waiting?{urlencode(asked)}")

    def history(self, code: str) -> Sequence[Plain]:
        """Return the statements that touched a lot, oldest first."""
        return self._rows(f"/api/v1/lots/{code}/history", "history")

    def search(self, words: str) -> Sequence[Plain]:
        """Return lots by code, mark or document."""
        return self._rows(f"/api/v1/search?q={quote(words, safe='')}", "results")

    def statement(self, statement_id: bytes) -> bytes:
        """Return the bytes of a registered statement; raise ProofError where another one came."""
        raw = self.read(f"/api/v1/statements/{statement_id.hex()}?form=cose")
        check_is(raw, statement_id)
        return raw

    def label(self, code: str) -> str:
        """Return the link of a lot's label, for its holder, owner or an officer."""
        return str(self._object(f"/api/v1/lots/{code}/label").get("label", ""))

    def document_label(self, name: str) -> str:
        """Return the link of a document's label, for its issuer, its holder or an officer."""
        return str(self._object(f"/api/v1/documents/{quote(name)}/label").get("label", ""))

    def card(self, code: str) -> bytes:
        """Return the card of a lot: a framed file."""
        return self.read(f"/api/v1/lots/{code}/card")

    def document_card(self, name: str) -> bytes:
        """Return the card of a document `CC/KIND/NUMBER`: a framed file."""
        return self.read(f"/api/v1/documents/{quote(name)}/card")

    def bundle(self, code: str) -> bytes:
        """Return the bundle of a lot: a framed file."""
        return self.read(f"/api/v1/lots/{code}/bundle")

    def proof(self, statement_id: bytes) -> bytes:
        """Return the `.tlog-proof` of a statement."""
        return self.read(f"/api/v1/statements/{statement_id.hex()}?form=proof")

    def receipt(self, statement_id: bytes) -> bytes:
        """Return the RFC 9942 receipt of a statement."""
        return self.read(f"/api/v1/statements/{statement_id.hex()}?form=receipt")

    def checkpoint(self) -> bytes:
        """Return the published checkpoint: a signed note."""
        return self.read("/log/checkpoint")

    def submit(self, raws: Sequence[bytes]) -> list[Answer]:
        """Send statements in their order, in batches; return one answer for each."""
        answers: list[Answer] = []
        for batch in _batches(raws):
            body = self._call("/api/v1/statements", body=cbor.encode(list(batch)), media=BATCH)
            plain = self._parsed(body)
            rows = plain.get("results") if isinstance(plain, dict) else None
            if not isinstance(rows, list) or len(rows) != len(batch):
                raise MalformedError("remote.answer", "The ledger did not answer for each one.")
            answers += [answer_of(row, raw) for row, raw in zip(rows, batch, strict=True)]
        return answers

    def dry_run(self, raw: bytes) -> Answer:
        """Return what the ledger would answer now; nothing is registered."""
        try:
            body = self._call("/api/v1/statements?dry_run=1", body=raw, media="application/cose")
        except RefusedError as error:
            return Kept(error.code, error.params, error.message, error.hint)
        return answer_of(self._parsed(body), raw)

    def read(self, path: str) -> bytes:
        """Return what stands at a path, as it is."""
        return self._call(path, body=None, media="")

    def _object(self, path: str) -> Plain:
        plain = self._json(path)
        if not isinstance(plain, dict):
            raise MalformedError("remote.answer", f"{self._url}{path} is no JSON object.")
        return plain

    def _coded(self, path: str, code: str) -> Plain:
        """Return what has a code: files are named by it, so it is the one that was asked for."""
        text.code_value(code)
        plain = self._object(path)
        if plain.get("code") != code:
            raise MalformedError(
                "remote.answer", f"{self._url} answers with another lot in place of {code}."
            )
        return plain

    def _rows(self, path: str, name: str) -> Sequence[Plain]:
        plain = self._json(path)
        rows = plain.get(name) if isinstance(plain, dict) else plain
        if not isinstance(rows, list):
            raise MalformedError("remote.answer", f"{self._url}{path} holds no list.")
        return rows

    def _json(self, path: str) -> Any:
        return self._parsed(self.read(path))

    def _parsed(self, answer: bytes) -> Any:
        """Return an answer's JSON; who answers with anything else is no ledger, or not reached."""
        try:
            return text.json_loads(answer)
        except MalformedError as error:
            raise MalformedError(
                "remote.answer",
                f"{self._url} does not answer as a ledger does.",
                hint="Look at the address; a network that wants a login answers in its place.",
                params={"url": self._url},
            ) from error

    def _call(self, path: str, *, body: bytes | None, media: str) -> bytes:
        headers = {"Content-Type": media} if body is not None else {}
        headers["Accept"] = "application/json, */*;q=0.5"
        answer, shows_more = self._ask(path, body, headers)
        # With a token that is too old the answer is an error; without one it may be a part.
        is_new = self._token is None or isinstance(answer, RingmarkError)
        if shows_more and is_new and self._prove is not None:
            self._token = self._prove(self._host)
            if self._token is not None:
                answer, _ = self._ask(path, body, headers)
        if isinstance(answer, RingmarkError):
            raise answer
        return answer

    def _ask(
        self, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[bytes | RingmarkError, bool]:
        """Return an answer or what the ledger says is wrong, and whether a token shows more."""
        request = urllib.request.Request(self._url + path, data=body, headers=headers)  # noqa: S310 - http(s) only, see __init__
        if self._token is not None:
            # Never sent on to where a redirection leads: a token is for the host that it names.
            request.add_unredirected_header("Authorization", self._token)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
                answer: bytes = response.read(ANSWER_SIZE_MAX + 1)
                shows_more = response.headers.get("WWW-Authenticate") == SCHEME
                media = response.headers.get_content_type()
        except urllib.error.HTTPError as error:
            with error:
                shows_more = error.headers.get("WWW-Authenticate") == SCHEME
                wait = error.headers.get("Retry-After", "")
                return problem_of(error.code, error.read(65_536), wait=wait), shows_more
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(
                "remote.offline",
                f"The ledger at {self._url} does not answer.",
                hint="Work on offline; later: ringmark outbox push",
            ) from error
        check_no_page(self._url, media=media, body=answer)
        if len(answer) > ANSWER_SIZE_MAX:
            raise MalformedError("remote.size", "The answer of the ledger is too large.")
        return answer, shows_more


def _batches(raws: Sequence[bytes]) -> list[Sequence[bytes]]:
    batches: list[list[bytes]] = []
    size = 0
    for raw in raws:
        if not batches or len(batches[-1]) == BATCH_COUNT or size + len(raw) > BATCH_SIZE_MAX:
            batches.append([])
            size = 0
        batches[-1].append(raw)
        size += len(raw) + 9
    return [tuple(batch) for batch in batches]
