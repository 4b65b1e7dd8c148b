"""A Unix socket before libvirtd's: counts the calls that pass, and from one of them on freezes or closes the connection.

A message is its length, then program, version, procedure, type and serial, 32 bits each (src/rpc/virnetprotocol.x); a call has type 0, and
keepalive is a program of its own (src/rpc/virkeepaliveprotocol.x).
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

CALL = 0
KEEPALIVE = 0x6B656570


@dataclass
class Proxy:
    socket: Path
    behind: Path
    freeze_at: int | None = None
    """The call that is the first not to be passed on; nothing is after it."""
    close_at: int | None = None
    """The call whose answer is not passed on: libvirtd gets the call, and the connection is closed."""
    delay: float = 0.0
    """Seconds before each call is passed on."""
    procedures: list[int] = field(default_factory=list)
    """Of each call that was passed on (src/remote/remote_protocol.x)."""

    @property
    def uri(self) -> str:
        return f"qemu+unix:///session?socket={self.socket}"

    def listen(self) -> socket.socket:
        ear = socket.socket(socket.AF_UNIX)
        ear.bind(str(self.socket))
        self.socket.chmod(0o777)
        # Whose session it is, is known by the owner.
        os.chown(self.socket, self.behind.stat().st_uid, -1)
        ear.listen()
        threading.Thread(target=self._accept, args=(ear,), daemon=True).start()
        return ear

    def _accept(self, ear: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = ear.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.behind))
                threading.Thread(target=self._forth, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(client, server), daemon=True).start()

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while (message := _message(client)) is not None:
                program, _, procedure, kind = struct.unpack(">4I", message[4:20])
                if kind == CALL and program != KEEPALIVE:
                    if self.freeze_at is not None and len(self.procedures) + 1 >= self.freeze_at:
                        return
                    time.sleep(self.delay)
                    self.procedures.append(procedure)
                    if self.close_at is not None and len(self.procedures) >= self.close_at:
                        server.sendall(message)
                        time.sleep(0.5)
                        client.shutdown(socket.SHUT_RDWR)
                        return
                server.sendall(message)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while (message := _message(server)) is not None:
                if self.freeze_at is not None and len(self.procedures) + 1 >= self.freeze_at:
                    continue
                if self.close_at is not None and len(self.procedures) >= self.close_at:
                    continue
                client.sendall(message)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def _message(source: socket.socket) -> bytes | None:
    head = _exactly(source, 4)
    return None if head is None else (rest := _exactly(source, struct.unpack(">I", head)[0] - 4)) and head + rest


def _exactly(source: socket.socket, size: int) -> bytes | None:
    parts = b""
    while len(parts) < size:
        part = source.recv(size - len(parts))
        if not part:
            return None
        parts += part
    return parts


@contextmanager
def proxy(behind: Path, where: Path, **how: float) -> Iterator[Proxy]:
    here = Proxy(where, behind, **how)  # type: ignore[arg-type]
    ear = here.listen()
    try:
        yield here
    finally:
        ear.close()
        where.unlink(missing_ok=True)
