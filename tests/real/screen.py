"""A viewer's login to the screen of a guest, as far as the answer: VNC (RFC 6143, 7.2.2) and Spice (spice-protocol, link stage).

OpenSSL's command does the ciphers.
"""

from __future__ import annotations

import socket
import struct
import subprocess
from pathlib import Path

DES = ("openssl", "enc", "-des-ecb", "-nopad", "-provider", "legacy", "-provider", "default")
RSA = ("openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-pkeyopt", "rsa_padding_mode:oaep")
VNC_NONE, VNC_PASSWORD = 1, 2
SPICE_CAPS = 0b1011
"""Choice of the login, login with a ticket, small headers."""


class _Line:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)

    def get(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self._socket.recv(size - len(found))
            if not part:
                raise EOFError(found)
            found += part
        return found

    def put(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()


def vnc_lets_in(port: int, password: str) -> bool:
    line = _Line(port)
    try:
        line.put(line.get(12))
        ways = line.get(line.get(1)[0])
        if VNC_NONE in ways:
            return True
        assert VNC_PASSWORD in ways
        line.put(bytes([VNC_PASSWORD]))
        # VNC reads the bits of each byte of the key from the other end.
        key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode()[:8].ljust(8, b"\0"))
        line.put(subprocess.run([*DES, "-K", key.hex()], input=line.get(16), capture_output=True, check=True).stdout)
        return line.get(4) == bytes(4)
    finally:
        line.close()


def spice_lets_in(port: int, password: str, folder: Path) -> bool:
    line = _Line(port)
    try:
        wish = struct.pack("<IBBIII", 0, 1, 0, 1, 0, 18) + struct.pack("<I", SPICE_CAPS)
        line.put(b"REDQ" + struct.pack("<III", 2, 2, len(wish)) + wish)
        size = struct.unpack("<III", line.get(16)[4:])[2]
        answer = line.get(size)
        assert answer[:4] == bytes(4)
        key = folder / "spice.der"
        key.write_bytes(answer[4:166])
        ticket = subprocess.run([*RSA, "-inkey", str(key)], input=password.encode() + b"\0", capture_output=True, check=True).stdout
        line.put(struct.pack("<I", 1) + ticket)
        return line.get(4) == bytes(4)
    finally:
        line.close()
