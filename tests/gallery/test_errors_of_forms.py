"""A gallery of errors, each made by a call: keys, labels, sheets, stories, outbox and trust."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from msgspec import Struct, field, structs
from trail import Trail

from cli import typed
from cli.playing import Desks
from ledger import keys, printing, trust
from ledger.ambient import SettableClock
from ledger.custody.goods import Part, Row
from ledger.custody.lots import LotSplit, LotState, LotStatus
from ledger.custody.registrar_keys import checkpoint_key
from ledger.desk import outbox
from ledger.desk.facts import lot_facts
from ledger.desk.home import Home
from ledger.desk.memory import Memory
from ledger.desk.portions import part_of, read_typed
from ledger.desk.sheet import read_sheet
from ledger.desk.source_remote import RemoteSource
from ledger.errors import RingmarkError
from ledger.printing import Label
from ledger.reference.readers import numbered
from ledger.reference.tables import load_tables
from ledger.registrar.founding import Charter, found, sign_founding, threshold_table
from ledger.registrar.labels import label_payload
from ledger.simulator.story import Player, parse_story
from ledger.simulator.world import SeededEntropy
from ledger.statement import sign_statement
from ledger.storage.keyfiles import read_key, write_key
from ledger.storage.memory import MemoryStore
from ledger.verify.contradiction import build_contradiction
from ledger.wire import cbor
from ledger.wire.frame import frame
from ledger.wire.label import parse_label_headers
from ledger.wire.note import format_vkey, make_vkey
from web import serving

CODE = "7K3M9QXF2W50"
URL = f"https://v.example.org/i/{CODE}"
SIGNER = keys.PrivateKey.from_seed(keys.ED25519, bytes(32))
ORIGIN = "ledger.example/gallery"
LOG = make_vkey(ORIGIN, trust.LOG_SIGNATURE, SIGNER.key.public)
GOODS = Row(taxon="Nemo", term="SKI", quantity=1, unit="NAR", source="R", origin="ZW")


class Misnumbered(Struct):
    """Rows of a table whose numbers are not 1, 2, 3 and so on."""

    number: int = field(name="taxon")


def founding_without_root(_):
    sign_founding(Charter(ORIGIN, ()), root=(), registrar=None, at=0, token=bytes)


def key_twice(place: Path):
    for _ in range(2):
        write_key(place, "root", SIGNER, passphrase=None, entropy=SeededEntropy())


def memory_that_is_a_list(place: Path):
    (place / "memory.json").write_text("[]")
    Memory(place / "memory.json")


def settings_that_are_a_list(place: Path):
    (place / "config.json").write_text("[]")
    Home(place).settings()


def founding_of_a_lot(_):
    event = LotSplit(lot=CODE, part=Part(quantity=1))
    raw = sign_statement(
        event=event, signer=SIGNER, party="farm", ledger=bytes(32), iat=0, seq=1, salt=bytes(16)
    )
    found(MemoryStore(), [raw], signers={}, tables=load_tables(), at=0)


def ledger_without_keys(_):
    state = Trail("gallery").reader.ledger().state
    checkpoint_key(structs.replace(state, keys={}), index=2)


def leaves_without_end(_):
    leaves = [bytes(1 << 20)] * 256
    build_contradiction(ledger=bytes(32), checkpoint=b"", leaves=leaves, path=())


def outbox_of_no_rows(place: Path):
    data = frame(outbox.FILE_NAME, outbox.FILE_VERSION, cbor.encode({}))
    outbox.Outbox(place).import_(data, own=())


def lot_of_an_unknown_taxon(_):
    lot = LotState(1, bytes(16), 0, "bred", LotStatus.LIVE, (GOODS,))
    label_payload(CODE, lot, tables=load_tables())


def lots_in_a_picture(place: Path):
    (place / "lots.txt").write_bytes(b"\x89PNG")
    typed.lot_names([f"@{place / 'lots.txt'}"])


def server_without_directory(_):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(serving.DIRECTORY, raising=False)
        serving.application()


def told(body: str, place: Path):
    clock = SettableClock(0)
    desks = Desks(homes=place, ledger=place, folder=place, clock=clock, entropy=SeededEntropy(7))
    player = Player(desks.run, folder=place, clock=clock, pass_time=clock.advance)
    player.play(parse_story(body))


@contextmanager
def answering(body: bytes, times: int = 1) -> Iterator[str]:
    """Serve `body` to every request at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in range(times):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def answer_of_another_form(_):
    with answering(b"[]") as url:
        RemoteSource(url).about()


def answer_without_end(_):
    with answering(bytes(1 << 20), times=65) as url:
        RemoteSource(url).read("/checkpoint")


def trusted(**changes):
    plain = {"ledger": bytes(32), "origin": ORIGIN, "hosts": ("ledger.example",), "log": (LOG,)}
    return trust.trusted_ledger(**{**plain, **changes})


def merged_twice(_):
    one, other = (
        structs.replace(trust.Trust((trusted(hosts=(host,)),), 1, 1)) for host in ("a", "b")
    )
    trust.merge_trust(one, other)


def hours(_):
    body = trust.format_trust(trust.Trust((trusted(),), 48, 2))
    trust.parse_trust(body)


def policy_of_another_log(_):
    other = keys.PrivateKey.from_seed(keys.ED25519, bytes([1]) * 32)
    vkey = format_vkey(make_vkey(ORIGIN, trust.LOG_SIGNATURE, other.key.public))
    trusted(policy_text=f"log {vkey}\nquorum none\n")


CASES = {
    "cli.lot-file": lots_in_a_picture,
    "cli.lot-missing": lambda _: typed.lot_names([]),
    "cli.row": lambda _: typed.read_row("a dozen of these", GOODS),
    "cli.file-missing": lambda place: typed.lot_names([f"@{place / 'none.txt'}"]),
    "desk.goods-unknown": lambda _: part_of(read_typed(f"{CODE}:3"), lot_facts(CODE, {})),
    "desk.memory": memory_that_is_a_list,
    "desk.view": lambda _: lot_facts(CODE, {"marks": ["ZW-1"]}),
    "contradiction.size": leaves_without_end,
    "founding.incomplete": founding_without_root,
    "founding.leaf": founding_of_a_lot,
    "home.config": settings_that_are_a_list,
    "home.no-key": lambda place: Home(place).key_name("farm"),
    "key.exists": key_twice,
    "key.missing": lambda place: read_key(place, "root", passphrase=None),
    "key.passphrase-empty": lambda _: keys.seal(SIGNER, passphrase="", token=bytes),
    "key.seed": lambda _: keys.PrivateKey.from_seed(keys.ED25519, bytes(31)),
    "ledger.no-key": ledger_without_keys,
    "label.count": lambda _: printing.draw_sheet_pdf([]),
    "label.dots": lambda _: printing.draw_png(url=URL, code=CODE, dots_per_module=1),
    "label.headers": lambda _: parse_label_headers(cbor.encode({1: -8})),
    "label.layout": lambda _: printing.draw_sheet_pdf([Label(URL, CODE)], layout="A0"),
    "label.lines": lambda _: printing.draw_svg(url=URL, code=CODE, lines=("line",) * 40),
    "label.too-large": lambda _: printing.draw_sheet_pdf([Label("x" * 700, CODE)]),
    "label.unnumbered": lot_of_an_unknown_taxon,
    "outbox.file": outbox_of_no_rows,
    "outbox.unknown": lambda place: outbox.Outbox(place).entry(7),
    "reference.numbers": lambda _: numbered("synonyms", Misnumbered),
    "remote.address": lambda _: RemoteSource("ftp://ledger.example"),
    "remote.answer": answer_of_another_form,
    "remote.size": answer_without_end,
    "serve.directory": server_without_directory,
    "sheet.decimal": lambda _: read_sheet(b"", decimal=";", defaults=None),
    "story.broken": lambda place: told(
        "```story\nfarm$ reference list units\n== ok False\n```\n", place
    ),
    "story.line": lambda place: told("```story\nwhat is this?\n```\n", place),
    "story.sheet": lambda place: told("```csv\na;b\n```\n", place),
    "thresholds.unknown": lambda _: threshold_table("thresholds-nine"),
    "trust.hosts": lambda _: trusted(hosts=("Ledger.Example",)),
    "trust.hours": hours,
    "trust.ledger": lambda _: trusted(ledger=bytes(31)),
    "trust.log": lambda _: trusted(origin="ledger.example/another"),
    "trust.member": lambda _: trust.parse_trust('{"ledgers": [], "more": 1}'),
    "trust.policy": policy_of_another_log,
    "trust.twice": merged_twice,
}


@pytest.mark.parametrize("code", CASES)
def test_every_error_says_what_happened(code: str, tmp_path: Path) -> None:
    with pytest.raises(RingmarkError) as caught:
        CASES[code](tmp_path)
    assert caught.value.code == code
    assert caught.value.message.strip()


def test_a_mass_in_a_unit_of_volume_is_a_problem_of_its_row() -> None:
    head = b"species;term;quantity;unit;source;origin;mass (m3)\n"
    body = head + b"Swietenia macrophylla;LOG;1;m3;W;PE;2\n"
    problems = read_sheet(body, decimal=".", defaults=None).problems
    assert [problem.code for problem in problems] == ["sheet.measure-unit"]
    assert problems[0].message
