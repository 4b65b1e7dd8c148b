"""libvirt's event loop in a thread: monitors of the embedded driver answer through it, and it sends keepalive messages of connections."""

from __future__ import annotations

import threading

from vmspec.deploy.binding import libvirt

_lock = threading.Lock()
_running = False


def run_event_loop() -> None:
    """For as long as this process lives; once is enough, and it must be before the connection is opened."""
    global _running
    with _lock:
        if _running:
            return
        _running = True
    module = libvirt()
    module.virEventRegisterDefaultImpl()

    def loop() -> None:
        while True:
            module.virEventRunDefaultImpl()

    threading.Thread(target=loop, name="libvirt-events", daemon=True).start()
