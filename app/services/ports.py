"""Ports on 127.0.0.1: kept from run to run, changed when somebody else took them."""

from __future__ import annotations

import socket

from app.kernel.errors import Misconfigured

HOST = "127.0.0.1"


def free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(wanted: int | None, last: int | None, service: str, option: str) -> int:
    """The port to listen on: the one asked for, else the last one if still free, else any free one.

    Raises Misconfigured when the one asked for is taken.
    """
    if wanted:
        if not free(wanted):
            raise Misconfigured(
                f"Port {wanted} on {HOST} is in use by another program, so {service} cannot listen there.",
                remedy=f"Stop that program, or choose another port with {option}, or leave {option} out.",
            )
        return wanted
    if last and free(last):
        return last
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
