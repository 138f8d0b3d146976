"""Hosts on one machine: network namespaces on one switch, each of which can be unplugged.

What an unplugged host sends vanishes, and what is sent to it: nobody is refused and no line is
closed, as when a cable is pulled or a firewall drops. Threads step into a host and back out; what
they start there stays there. Needs to be root, and iproute2.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

NEW_NET = 0x40000000
NET = "10.77.0"
_libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """A switch with hosts on it, by name; the first has the address 10.77.0.1."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._switch = f"rm{os.getpid()}-switch"

    def __enter__(self) -> Network:
        try:
            self._build()
        except BaseException:
            self._tear_down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._tear_down()

    def address(self, name: str) -> str:
        """Return the address of a host."""
        return f"{NET}.{self.names.index(name) + 1}"

    def unplug(self, name: str) -> None:
        """Let all packets to and from a host vanish; it keeps its link and is told nothing."""
        _ip("-n", self._switch, "link", "set", _port(name), "nomaster")

    def plug(self, name: str) -> None:
        """Put a host back on the switch."""
        _ip("-n", self._switch, "link", "set", _port(name), "master", "switch")

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Let this thread, and what it starts, be on a host."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self._host(name)}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(home)
            os.close(there)
            os.close(home)

    def _host(self, name: str) -> str:
        return f"rm{os.getpid()}-{name}"

    def _build(self) -> None:
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "switch", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "switch", "up")
        for name in self.names:
            host, port = self._host(name), _port(name)
            _ip("netns", "add", host)
            _ip("-n", host, "link", "set", "lo", "up")
            _ip("-n", host, "link", "add", "eth0", "type", "veth",
                "peer", "name", port, "netns", self._switch)  # fmt: skip
            _ip("-n", self._switch, "link", "set", port, "master", "switch", "up")
            _ip("-n", host, "addr", "add", f"{self.address(name)}/24", "dev", "eth0")
            _ip("-n", host, "link", "set", "eth0", "up")

    def _tear_down(self) -> None:
        for place in (*map(self._host, self.names), self._switch):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", place)


def needs_network() -> None:
    """Skip where no hosts can be made; fail instead where tests must not be skipped."""
    probe = ["unshare", "--net", "ip", "link", "add", "switch", "type", "bridge"]
    has_tools = shutil.which("ip") and shutil.which("unshare")
    if has_tools and not subprocess.run(probe, check=False, capture_output=True).returncode:
        return
    if os.environ.get("CI"):
        pytest.fail("network namespaces (iproute2, root) are missing in CI")
    pytest.skip("making hosts needs iproute2 and to be root")


def _port(name: str) -> str:
    return f"to-{name}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _enter(place: int) -> None:
    if _libc.setns(place, NEW_NET):
        raise OSError(ctypes.get_errno(), "this thread cannot go there")
