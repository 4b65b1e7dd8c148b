"""One libvirt, as few verbs: what a plan is made from and what a deploy does. Each call that changes something is an act."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from vmspec.base.unspoken import remember
from vmspec.deploy import codes, embedded
from vmspec.deploy.binding import HostError, Refused, libvirt, said
from vmspec.deploy.calls import GRACE, Calls, GivenUp, Patience
from vmspec.deploy.events import run_event_loop
from vmspec.deploy.failpoints import act
from vmspec.importing.host_domain import RUNNING, HostDefinition, read_host_domain
from vmspec.normal.target import Target
from vmspec.plan.state import Actual, Passwords, passwords_in

T = TypeVar("T")
FRESH = 1.0
POLL = 0.1
"""Seconds between two looks at whether a guest has stopped."""
AT_ONCE = 4
"""Calls under way at a time. libvirtd has five workers for a start (src/remote/libvirtd.conf.in 9.0.0, min_workers)."""


class Left(Refused):
    """We were asked to end, and did not wait for what the guest does."""


@dataclass(frozen=True)
class State:
    """Of one domain."""

    running: bool
    persistent: bool
    autostart: bool


class HostConnection:
    """A connection. All texts are bytes of XML."""

    def __init__(self, connection: Any, uri: str, calls: Calls) -> None:
        self._connection = connection
        self.calls = calls
        self.uri = uri
        self.version: int = _or_refused(connection.getLibVersion)
        self.cpus = _cpus(connection)
        """Of the host: as many bits has a map of CPUs. 0 where the driver does not say."""
        self.variables = _variables(uri)
        self._keeper: Any = None
        """The connection that has the secrets, once they are asked for."""
        self._known: dict[str, Any] = {}
        """libvirt's objects by UUID: with one at hand, a question about a domain is one call."""
        self._active: tuple[float, frozenset[str]] | None = None
        self._listing = threading.Lock()
        self._first = threading.Lock()
        self._has_validated = False

    @property
    def connection(self) -> Any:
        """libvirt's own object."""
        return self._connection

    # ---------------------------------------------------------------------------------------------- reading

    def identity(self) -> tuple[str | None, str]:
        """The UUID of the host, where the driver says one, and what the host calls itself."""
        found = re.search(r"<host>\s*<uuid>([0-9a-fA-F-]{36})</uuid>", _or_refused(self._connection.getCapabilities))
        return (None, "") if found is None else (found[1].lower(), str(_or_refused(self._connection.getHostname)))

    def domains(self, wanted: frozenset[str] = frozenset()) -> list[Actual]:
        """Every domain that there is, those of others too; with the passwords of those `wanted`, by UUID or name.

        Lists say which run, so that a domain costs one call, or two where it runs, of which several are under way: over ssh each is a
        journey.
        """
        module = libvirt()
        active = self._uuids(module.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
        persistent = self._uuids(module.VIR_CONNECT_LIST_DOMAINS_PERSISTENT)
        autostart = self._uuids(module.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)

        def one(domain: Any) -> Actual | None:
            uuid = domain.UUIDString()
            secret = uuid in wanted or domain.name() in wanted
            return self._there(domain, State(uuid in active, uuid in persistent, uuid in autostart), secret)

        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            every = _or_refused(self._connection.listAllDomains)
            self._known |= {str(each.UUIDString()): each for each in every}
            found = list(pool.map(one, every))
        return [each for each in found if each is not None]

    def running_now(self, uuid: str) -> bool:
        """Whether it runs, from a list that is a second old at most: one call for all that are looked at together."""
        with self._listing:
            if self._active is None or time.monotonic() - self._active[0] > FRESH:
                self._active = time.monotonic(), self._uuids(libvirt().VIR_CONNECT_LIST_DOMAINS_ACTIVE)
            return uuid in self._active[1]

    def configuration(self, uuid: str) -> bytes | None:
        """The inactive XML; None where there is no such domain."""
        module = libvirt()
        found = self._find(uuid)
        try:
            return None if found is None else str(found.XMLDesc(module.VIR_DOMAIN_XML_INACTIVE)).encode()
        except module.libvirtError as error:
            if error.get_error_code() == module.VIR_ERR_NO_DOMAIN:
                return None
            raise Refused(said(error)) from None

    def uuid_of(self, name: str) -> str:
        return str(_or_refused(lambda: self._connection.lookupByName(name)).UUIDString())

    def resume(self, name: str, uuid: str) -> None:
        with act(f"resume {name}"):
            _or_refused(self.domain(uuid).resume)

    def _uuids(self, flag: int) -> frozenset[str]:
        return frozenset(str(each.UUIDString()) for each in _or_refused(lambda: self._connection.listAllDomains(flag)))

    def uuids(self) -> frozenset[str]:
        """Of every domain."""
        return frozenset(str(each.UUIDString()) for each in _or_refused(self._connection.listAllDomains))

    def actual(self, uuid: str) -> Actual | None:
        """Without what `besides` looks at."""
        found = self._find(uuid)
        return None if found is None else self._there(found, None, False)

    def _there(self, domain: Any, state: State | None, secret: bool) -> Actual | None:
        """None for what has gone since it was listed."""
        module = libvirt()
        try:
            return _actual(domain, state or _state(domain), secret)
        except module.libvirtError as error:
            if error.get_error_code() == module.VIR_ERR_NO_DOMAIN:
                return None
            raise Refused(said(error)) from None

    def _find(self, uuid: str) -> Any | None:
        """Perhaps of a domain that has gone since: its calls then say so."""
        module = libvirt()
        try:
            if uuid not in self._known:
                self._known[uuid] = self._connection.lookupByUUIDString(uuid)
            return self._known[uuid]
        except module.libvirtError as error:
            if error.get_error_code() == module.VIR_ERR_NO_DOMAIN:
                return None
            raise Refused(said(error)) from None

    def domain(self, uuid: str) -> Any:
        """libvirt's own object; Refused where there is none."""
        found = self._find(uuid)
        if found is None:
            raise Refused(f"the domain {uuid} is gone")
        return found

    def inactive(self, uuid: str, secure: bool = False) -> bytes:
        """`secure` shows secrets: only ever to be given back to this same libvirt, and never written anywhere."""
        module = libvirt()
        flags = module.VIR_DOMAIN_XML_INACTIVE | (module.VIR_DOMAIN_XML_SECURE if secure else 0)
        text: str = _or_refused(lambda: self.domain(uuid).XMLDesc(flags))
        return text.encode()

    def secrets(self) -> list[Any] | None:
        """libvirt's own, as its objects; None where the driver knows none. The embedded one has them behind a URI of their own."""
        module = libvirt()
        try:
            found: list[Any] = self._secrets().listAllSecrets()
        except module.libvirtError as error:
            if error.get_error_code() == module.VIR_ERR_NO_SUPPORT:
                return None
            raise Refused(said(error)) from None
        return found

    def set_secret(self, uuid: str, value: bytes) -> None:
        _or_refused(lambda: self._secrets().secretLookupByUUIDString(uuid).setValue(value, 0))

    def _secrets(self) -> Any:
        if self._keeper is None:
            root = embedded.root_of(self.uri)
            self._keeper = self._connection if root is None else libvirt().open(f"secret:///embed?root={root}")
        return self._keeper

    def settle(self, uuid: str) -> None:
        """Waits until libvirt knows whether a guest runs. After its own start it calls those running that it left so, and looks after
        each in a thread that holds the guest's job (qemuProcessReconnect, src/qemu/qemu_process.c 9.0.0); what needs the job waits."""
        found = self._find(uuid)
        if found is not None:
            with suppress(libvirt().libvirtError):
                found.memoryStats()

    def is_running(self, uuid: str) -> bool:
        return bool(_or_refused(lambda: self.domain(uuid).isActive()))

    # --------------------------------------------------------------------------------------------- changing

    def define(self, name: str, xml: bytes, validate: bool = True) -> str:
        """Defines over whatever has the UUID, which is returned."""
        module = libvirt()
        flags = module.VIR_DOMAIN_DEFINE_VALIDATE if validate else 0
        with self._alone_at_first(validate), act(f"define {name}"):
            domain = _or_refused(lambda: self._connection.defineXMLFlags(xml.decode(), flags))
        uuid = str(domain.UUIDString())
        self._known[uuid] = domain
        return uuid

    @contextmanager
    def _alone_at_first(self, validate: bool) -> Iterator[None]:
        """libxml2 sets its RELAX NG types up when the first schema is read, and not safely among threads (xmlRelaxNGInitTypes, relaxng.c
        2.9.14): two first validations at once fail with "Unable to parse RNG". So ours is alone until one has been made."""
        if self._has_validated or not validate:
            yield
            return
        with self._first:
            yield
            self._has_validated = True

    def undefine(self, name: str, uuid: str) -> None:
        """NVRAM and TPM state are kept; a saved state or snapshots make libvirt refuse."""
        module = libvirt()
        keep_tpm = getattr(module, "VIR_DOMAIN_UNDEFINE_KEEP_TPM", 0)
        with act(f"undefine {name}"):
            domain = self.domain(uuid)
            try:
                domain.undefineFlags(module.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | keep_tpm)
            except module.libvirtError as error:
                if error.get_error_code() not in (module.VIR_ERR_INVALID_ARG, module.VIR_ERR_NO_SUPPORT):
                    raise Refused(said(error)) from None
                # A driver without NVRAM and TPM knows no such flags (test:///).
                _or_refused(domain.undefine)

    def mark(self, name: str, uuid: str, mark: str) -> None:
        """Into the live XML alone, where it stays until the guest ends."""
        module = libvirt()
        element = module.VIR_DOMAIN_METADATA_ELEMENT
        with act(f"mark {name}"):
            domain = self.domain(uuid)
            now = module.VIR_DOMAIN_AFFECT_LIVE
            _unless_ended(domain, lambda: domain.setMetadata(element, f"<guest started-with='{mark}'/>", "vmspec-running", RUNNING, now))

    def rename(self, uuid: str, old: str, new: str) -> None:
        with act(f"rename {old}"):
            _or_refused(lambda: self.domain(uuid).rename(new, 0))

    def set_autostart(self, name: str, uuid: str, on: bool) -> None:
        with act(f"autostart {name}"):
            _or_refused(lambda: self.domain(uuid).setAutostart(int(on)))

    def start(self, name: str, uuid: str) -> None:
        with act(f"start {name}"):
            domain = self.domain(uuid)
            if not _or_refused(domain.isActive):
                _or_refused(domain.create)

    def shut_down(self, name: str, uuid: str, limit: float, force: bool) -> None:
        """Asks the guest to end and waits; after the limit it is left as it is, unless its power may be cut. Left where we are to end."""
        domain = self.domain(uuid)
        with act(f"shutdown {name}"):
            _unless_ended(domain, domain.shutdown)
        end, hurried = time.monotonic() + limit, False
        while not _has_ended(domain):
            if self.calls.patience.stop.asked and not hurried:
                end, hurried = min(end, time.monotonic() + GRACE), True
            if time.monotonic() >= end:
                if hurried:
                    raise Left("asked to end while the guest shuts down: once it has, the next deploy starts it")
                if not force:
                    raise Refused(f"the guest did not shut down within {limit:g} s and still runs (--force-off cuts its power)")
                with act(f"destroy {name}"):
                    _unless_ended(domain, domain.destroy)
                return
            time.sleep(POLL)


def _state(domain: Any) -> State:
    persistent = bool(domain.isPersistent())
    return State(bool(domain.isActive()), persistent, bool(domain.autostart()) if persistent else False)


def _actual(domain: Any, state: State, secret: bool) -> Actual:
    module = libvirt()
    inactive: bytes = domain.XMLDesc(module.VIR_DOMAIN_XML_INACTIVE).encode()
    return Actual(
        name=str(domain.name()),
        uuid=str(domain.UUIDString()),
        inactive=HostDefinition(inactive),
        live=HostDefinition(domain.XMLDesc(0).encode()) if state.running else None,
        running=state.running,
        autostart=state.autostart,
        persistent=state.persistent,
        passwords=_passwords(domain, state) if secret and b"<graphics" in inactive else None,
    )


def _passwords(domain: Any, state: State) -> Passwords | None:
    """Who may not read them compares none."""
    module = libvirt()
    secure = module.VIR_DOMAIN_XML_SECURE
    with suppress(module.libvirtError):
        inactive = _shown_passwords(domain.XMLDesc(secure | module.VIR_DOMAIN_XML_INACTIVE).encode())
        found = Passwords(inactive, _shown_passwords(domain.XMLDesc(secure).encode()) if state.running else {})
        remember((*found.inactive.values(), *found.live.values()))
        return found
    return None


def _shown_passwords(definition: bytes) -> dict[str, str]:
    return passwords_in(read_host_domain(definition)) if b"passwd=" in definition else {}


def _variables(uri: str) -> str | None:
    """Where the driver keeps the variables of guests' firmware (virQEMUDriverConfigNew, src/qemu/qemu_conf.c 9.0.0; a system driver as
    distributions build it). Of a session it depends on the user's home on that machine."""
    root = embedded.root_of(uri)
    if root is not None:
        return f"{root}/lib/qemu/nvram"
    parts = urlsplit(uri)
    return Target().nvram_dir if parts.scheme.startswith("qemu") and parts.path == "/system" else None


def _cpus(connection: Any) -> int:
    try:
        return len(connection.getCPUMap()[1])
    except libvirt().libvirtError:
        return 0


def _has_ended(domain: Any) -> bool:
    """A transient domain has then gone."""
    module = libvirt()
    try:
        return not domain.isActive()
    except module.libvirtError as error:
        if error.get_error_code() == module.VIR_ERR_NO_DOMAIN:
            return True
        raise Refused(said(error)) from None


def _unless_ended(domain: Any, call: Callable[[], object]) -> None:
    """A call that ends a guest, and that is refused to one that has ended by itself in between."""
    try:
        call()
    except libvirt().libvirtError as error:
        if not _has_ended(domain):
            raise Refused(said(error)) from None


def _or_refused(call: Callable[[], T]) -> T:
    try:
        return call()
    except libvirt().libvirtError as error:
        raise Refused(said(error)) from None


@contextmanager
def connected(uri: str, change: bool, patience: Patience | None = None) -> Iterator[HostConnection]:
    """`change`: what the embedded driver needs may be made."""
    module = libvirt()
    calls = Calls(uri, patience or Patience())
    root = embedded.root_of(uri)
    if root is not None:
        if change:
            embedded.prepare(root)
        embedded.run_daemon_duties()
    try:
        run_event_loop()
        host = HostConnection(calls.open(), uri, calls)
    except GivenUp:
        calls.close()
        raise
    except (module.libvirtError, Refused) as error:
        calls.close()
        help = embedded.remedy(said(error)) if root is not None else None
        raise HostError(codes.NO_CONNECTION, f"no connection to {uri}: {said(error)}", help) from None
    try:
        yield host
    finally:
        calls.close()


def absent(uri: str) -> bool:
    """Whether a look at it would have to make it first: an embedded root that is not there yet holds nothing."""
    root = embedded.root_of(uri)
    return root is not None and not (root / "etc" / "qemu.conf").exists() and not (root / "lib").exists()


__all__ = ["HostConnection", "HostError", "Refused", "absent", "connected"]
