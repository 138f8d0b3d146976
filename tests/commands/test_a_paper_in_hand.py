"""An inspector with a paper permit: printed, photographed, and judged offline by its own card."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest

PERMIT = "ZW/EXPORT/2026-0412"
GOODS = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R", "--origin", "ZW")


@pytest.fixture
def permit(town) -> str:
    words = ("--quantity", "40", "--until", "2027-05-24")
    done = town.ok("parks", "document", "issue", PERMIT, *GOODS, *words)
    assert PERMIT in done["labels"]
    return PERMIT


def photograph(pdf: bytes, place: Path) -> str:
    """Write the first page of a print as a phone would see it."""
    page = pypdfium2.PdfDocument(pdf)[0]
    picture = io.BytesIO()
    page.render(scale=2.5).to_pil().save(picture, "PNG")
    place.write_bytes(picture.getvalue())
    return str(place)


def papers(town, tmp_path: Path) -> tuple[str, str]:
    """Print the permit and fetch its card: the picture and the file."""
    pdf, card = tmp_path / "permit.pdf", tmp_path / "permit.card"
    town.ok("parks", "document", "show", PERMIT, "--out", str(pdf))
    town.ok("maker", "export", "card", PERMIT.lower(), "--out", str(card))
    return photograph(pdf.read_bytes(), tmp_path / "photo.png"), str(card)


def test_a_photo_of_the_paper_and_its_card_are_judged_without_a_ledger(
    town, permit: str, tmp_path: Path
) -> None:
    photo, card = papers(town, tmp_path)
    nowhere = str(tmp_path / "nowhere")
    words = ("verify", card, "--trust", str(town.trust), "--document", permit, "--label", photo)
    read = town.ok("stranger", *words, ledger=nowhere)
    assert (read["outcome"], read["verdict"]) == ("verified", "consistent")
    assert (read["document"], read["code"]) == (permit, None)
    assert read["paper"]["rows"][0]["quantity"] == read["paper"]["rows"][0]["left"] == 40
    assert read["label"]["rows"][0]["quantity"] == 40
    assert read["checks"][-1]["name"] == "label.signed"
    shown = town.run("stranger", *words, ledger=nowhere).out
    assert "40 PIECES  SKI  CROCODYLUS NILOTICUS" in shown
    assert "issued, last day 2027-05-24" in shown
    words = ("label", "read", photo, "--card", card, "--trust", str(town.trust))
    assert town.ok("stranger", *words, ledger=nowhere)["verdict"] == "consistent"


def test_the_card_alone_says_that_a_paper_was_cancelled(town, permit: str, tmp_path: Path) -> None:
    photo, old = papers(town, tmp_path)
    town.ok("parks", "document", "cancel", permit, "--reason", "stolen", "-y")
    new = str(tmp_path / "new.card")
    town.ok("maker", "export", "card", permit, "--out", new)
    verdicts = [
        town.ok("stranger", "verify", card, "--trust", str(town.trust), *label)["verdict"]
        for card in (old, new)
        for label in ((), ("--label", photo))
    ]
    assert verdicts == ["consistent", "consistent", "stop", "stop"]
    kept = str(tmp_path / "seen")
    for card, reason in ((new, "document.not-in-force"), (old, "history.behind")):
        words = ("verify", card, "--trust", str(town.trust), "--remember", kept)
        assert town.ok("stranger", *words)["reason"] == reason


def test_what_was_seen_of_one_ledger_is_not_forgotten_for_another(
    town, permit: str, tmp_path: Path
) -> None:
    card, kept = str(tmp_path / "a.card"), tmp_path / "seen"
    town.ok("maker", "export", "card", permit, "--out", card)
    words = ("verify", card, "--trust", str(town.trust), "--remember", str(kept))
    own = town.ok("stranger", *words)
    body = kept.read_text()
    kept.write_text(body.replace(own["ledger"], "00" * 32).replace(own["root"], "11" * 32))
    other = kept.read_text()
    ran = town.run("stranger", *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "remembered.ledger")
    assert kept.read_text() == other


def test_a_card_of_another_paper_is_refused(town, permit: str, tmp_path: Path) -> None:
    photo, _ = papers(town, tmp_path)
    other = str(tmp_path / "other.card")
    words = ("--quantity", "400", "--until", "2027-05-24")
    town.ok("parks", "document", "issue", "ZW/EXPORT/2026-0413", *GOODS, *words)
    town.ok("maker", "export", "card", "ZW/EXPORT/2026-0413", "--out", other)
    trust = ("--trust", str(town.trust), "--json")
    asked = town.run("stranger", "verify", other, "--document", permit, *trust)
    assert (asked.code, asked.json["reason"]) == (1, "proof.failed")
    # The label is genuine, but this card says nothing of its document.
    beside = town.run("stranger", "verify", other, "--label", photo, *trust)
    assert (beside.code, beside.json["verdict"]) == (3, "cannot-tell")
    unknown = str(tmp_path / "unknown.card")
    town.ok("maker", "export", "card", "ZW/EXPORT/2026-0999", "--out", unknown)
    absent = town.ok("stranger", "verify", unknown, "--trust", str(town.trust))
    assert (absent["verdict"], absent["reason"]) == ("cannot-tell", "document.absent")


def test_a_card_is_named_after_its_document(town, permit: str) -> None:
    done = town.ok("maker", "export", "card", permit)
    assert done["file"] == "ZW-EXPORT-2026-0412.card"
    assert Path(done["file"]).stat().st_size == done["size"]
