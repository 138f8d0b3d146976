"""`ringmark serve`: one process that answers, and that ends when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def test_the_passphrase_of_sealed_keys_comes_by_a_descriptor(town, tmp_path) -> None:
    """It stands neither among the words of a process nor in a file of the service."""
    words = ("--origin", "ledger.example/sealed", "--host", "ledger.example", "--seal-server-keys")
    folder = tmp_path / "sealed"
    town.ok("operator", "init", str(folder), *words, ledger=str(folder))
    phrase = tmp_path / "phrase"
    phrase.write_text("the passphrase of a test\n")
    port = free_port()
    with phrase.open() as read:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", "import sys; from cli.main import main; sys.exit(main())"]
            + ["--home", str(town.home("operator")), "--ledger", str(folder)]
            + ["--passphrase-fd", str(read.fileno()), "serve", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(read.fileno(),),
            env={name: v for name, v in os.environ.items() if name != "RINGMARK_PASSPHRASE"},
            cwd=tmp_path,
        )
    try:
        pause = threading.Event()
        for _ in range(150):
            if answers(f"http://127.0.0.1:{port}/healthz"):
                break
            assert process.poll() is None
            pause.wait(0.2)
        assert answers(f"http://127.0.0.1:{port}/healthz")
        with open(f"/proc/{process.pid}/cmdline", "rb") as line:
            assert b"passphrase of a test" not in line.read()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def test_a_wrong_passphrase_is_told_before_anything_is_served(town, tmp_path, monkeypatch) -> None:
    """A server unseals a key when it first signs: it would take statements that it cannot close."""
    words = ("--origin", "ledger.example/sealed", "--host", "ledger.example", "--seal-server-keys")
    folder = tmp_path / "sealed"
    town.ok("operator", "init", str(folder), *words, ledger=str(folder))
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, words: started.append(words))
    monkeypatch.setenv("RINGMARK_SERVE_EXITS", "")
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "another one")
    ran = town.run("operator", "serve", "--port", "18000", ledger=str(folder))
    assert (ran.code, started) == (1, [])
    assert "does not open this key file" in ran.err
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    assert town.run("operator", "serve", "--port", "18000", ledger=str(folder)).code == 0
    assert len(started) == 1


def test_serve_answers_until_it_is_told_to_stop(town) -> None:
    port = free_port()
    words = ["--home", str(town.home("root")), "--ledger", str(town.ledger), "serve"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "import sys; from cli.main import main; sys.exit(main())"]
        + [*words, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
        # Beside the ledger's folder, which has the name of our package there.
        cwd=town.ledger.parent,
    )
    try:
        pause = threading.Event()
        for _ in range(150):
            if answers(f"http://127.0.0.1:{port}/healthz"):
                break
            assert process.poll() is None
            pause.wait(0.2)
        assert town.ok("farm", "party", "list", ledger=f"http://127.0.0.1:{port}")["parties"]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    assert not answers(f"http://127.0.0.1:{port}/healthz")
