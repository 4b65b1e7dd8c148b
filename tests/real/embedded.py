"""libvirt's real QEMU driver inside the test process: `qemu:///embed?root=DIR`, no daemon.

A root is private to one test session (the driver locks it); what is kept between sessions is QEMU's capability cache, without which the
first define probes QEMU for seconds. libvirt forbids a second root in one process: use `hypervisor()` once, or the fixture of that name.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from tests.real.cache import cache_dir
from tests.real.reaper import adopt_orphans
from vmspec.deploy.embedded import AS_ROOT, SETTINGS

os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "1:file:/dev/null")  # else the driver writes its log to stderr
import libvirt  # type: ignore[import-untyped]  # reads the variable above as it loads

_PREFIX = "vmreal-"
SCHEMAS = Path("/usr/share/libvirt/schemas")

_UNDEFINE = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
)


@dataclass(frozen=True)
class Verdict:
    """What libvirt said to a definition or a start; `error` is its message and None means that it agreed."""

    name: str
    error: str | None = None
    code: int | None = None
    """virErrorNumber, e.g. VIR_ERR_XML_INVALID_SCHEMA or VIR_ERR_CONFIG_UNSUPPORTED."""

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass
class Hypervisor:
    """One connection to the embedded driver and everything that was made through it."""

    conn: Any
    root: Path
    uri: str
    _schema: list[Any] = field(default_factory=list)

    # -- verdicts ------------------------------------------------------------------------------------------------------------

    def define(self, xml: str) -> Verdict:
        """Defines with VALIDATE: libvirt's schema, its parser and the QEMU driver's checks (about 10 ms, most of it the schema)."""
        return self._define(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)

    def define_many(self, xmls: Iterable[str], *, keep: bool = False) -> Iterator[Verdict]:
        """The verdicts of many definitions, one by one; the fast path.

        libvirt loads its schema anew for each VALIDATE. Here the same schema is loaded once and the definition that passes it goes to
        libvirt without the flag, which is the same test. Unless `keep`, each domain is undefined at once.
        """
        for xml in xmls:
            verdict = self._against_schema(xml) or self._define(xml, 0)
            if verdict.ok and not keep:
                self.conn.lookupByName(verdict.name).undefineFlags(_UNDEFINE)
            yield verdict

    def start(self, name: str, *, paused: bool = False) -> Verdict:
        """Starts a defined domain."""
        try:
            self.conn.lookupByName(name).createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED if paused else 0)
        except libvirt.libvirtError as failure:
            return _refusal(name, failure)
        return Verdict(name)

    def define_and_start(self, xml: str) -> Verdict:
        """The verdict of define, else of start; the domain runs paused where both agreed."""
        verdict = self.define(xml)
        return self.start(verdict.name, paused=True) if verdict.ok else verdict

    # -- what libvirt made of it ---------------------------------------------------------------------------------------------

    def inactive(self, name: str) -> str:
        """The configuration, `dumpxml --inactive`."""
        return str(self.conn.lookupByName(name).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE))

    def live(self, name: str) -> str:
        """The running state, `dumpxml`."""
        return str(self.conn.lookupByName(name).XMLDesc(0))

    def is_running(self, name: str) -> bool:
        return bool(self.conn.lookupByName(name).isActive())

    # -- the end -------------------------------------------------------------------------------------------------------------

    def destroy(self, name: str) -> None:
        """Stops a domain at once, if it runs."""
        domain = self.conn.lookupByName(name)
        if domain.isActive():
            with contextlib.suppress(libvirt.libvirtError):  # it may end by itself between the two calls
                domain.destroy()

    def remove(self, name: str) -> None:
        """Stops and undefines one domain."""
        self.destroy(name)
        with contextlib.suppress(libvirt.libvirtError):  # a transient domain is gone by now
            self.conn.lookupByName(name).undefineFlags(_UNDEFINE)

    def clear(self) -> None:
        """Stops and undefines every domain."""
        for domain in self.conn.listAllDomains():
            self.remove(domain.name())

    def _define(self, xml: str, flags: int) -> Verdict:
        try:
            return Verdict(self.conn.defineXMLFlags(xml, flags).name())
        except libvirt.libvirtError as failure:
            return _refusal(_name_in(xml), failure)

    def _against_schema(self, xml: str) -> Verdict | None:
        if not self._schema:
            self._schema.append(etree.RelaxNG(etree.parse(SCHEMAS / "domain.rng")))
        schema = self._schema[0]
        try:
            document = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as failure:
            return Verdict("", f"XML error: {failure}", libvirt.VIR_ERR_XML_ERROR)
        if schema.validate(document):
            return None
        message = f"XML document failed to validate against schema: {schema.error_log}"
        return Verdict(_name_in(xml), message, libvirt.VIR_ERR_XML_INVALID_SCHEMA)


@contextlib.contextmanager
def hypervisor() -> Iterator[Hypervisor]:
    """The embedded QEMU driver on a root of its own; at the end every guest is stopped and the root removed."""
    _sweep()
    root = make_root()
    adopt_orphans()
    _run_event_loop()
    uri = f"qemu:///embed?root={root}"
    conn = libvirt.open(uri)
    here = Hypervisor(conn, root, uri)
    try:
        yield here
    finally:
        here.clear()
        keep_capabilities(root)
        conn.close()
        shutil.rmtree(root, ignore_errors=True)


def make_root() -> Path:
    """A new driver root with its qemu.conf and the capability cache of earlier sessions; also for `vmc` in a process of its own.

    The path is short because a monitor's socket lies below it and a socket's path has 107 bytes.
    """
    root = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_base()))
    (root / "etc").mkdir()
    (root / "etc" / "qemu.conf").write_text(AS_ROOT + SETTINGS)
    # An entry is named after QEMU's path and checked against its ctime, so it serves any root (src/qemu/qemu_capabilities.c).
    shutil.copytree(_capability_cache(), root / "cache" / "qemu" / "capabilities")
    return root


def _base() -> Path:
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _sweep() -> None:
    """Ends what a killed session left: guests of roots whose driver is gone, known by their pid files and their command lines."""
    for root in _base().glob(f"{_PREFIX}*"):
        pids = {path: _pid(path) for path in (root / "run" / "qemu").glob("*.pid")}
        driver = pids.pop(root / "run" / "qemu" / "driver.pid", None)
        if driver is None or _command(driver):
            continue
        for pid in pids.values():
            if pid is not None and str(root).encode() in _command(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(root, ignore_errors=True)


def _pid(path: Path) -> int | None:
    text = path.read_text().strip()
    return int(text) if text.isdigit() else None


def _command(pid: int) -> bytes:
    """The command line of a process; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def keep_capabilities(root: Path) -> None:
    """Saves the root's capability cache for the next session."""
    for entry in (root / "cache" / "qemu" / "capabilities").glob("*.xml"):
        partial = _capability_cache() / f".{entry.name}.{os.getpid()}"
        shutil.copy2(entry, partial)
        partial.replace(_capability_cache() / entry.name)


def _capability_cache() -> Path:
    return cache_dir(f"capabilities-{libvirt.getVersion()}")


def _refusal(name: str, failure: Any) -> Verdict:
    return Verdict(name, failure.get_error_message(), failure.get_error_code())


def _name_in(xml: str) -> str:
    return xml.partition("<name>")[2].partition("</name>")[0].strip()


def _run_event_loop() -> None:
    """The driver needs an event loop in a thread, else the monitor never answers; libvirt takes one per process."""
    global _looping
    if _looping:
        return
    _looping = True
    libvirt.virEventRegisterDefaultImpl()
    libvirt.registerErrorHandler(lambda *_: None, None)  # the exception carries the message; do not print it too

    def loop() -> None:
        while True:
            libvirt.virEventRunDefaultImpl()

    threading.Thread(target=loop, name="libvirt-events", daemon=True).start()


_looping = False
