"""A listener that calls back."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import is_generated, sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.chardev import TcpSource, UnixSource
from vmspec.model.domain import Domain


@rule(4802, "reconnect", phase=Phase.DEFINE)
def reconnect(vm: Domain) -> Iterator[Finding]:
    """
    What: `reconnect` on a source that listens, or without a timeout, or with one of 0.
    Why: Only a caller connects again; libvirt 9.0.0 refuses it at define (virDomainChrSourceDefValidate, src/conf/domain_validate.c;
    qemuValidateDomainChrSourceReconnectDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: chardev reconnect is possible only for connect mode.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = tcp("127.0.0.1", 4555, mode = bind, reconnect = { enabled = true; timeout = 10s }) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = tcp("127.0.0.1", 4555, mode = connect, reconnect = { enabled = true; timeout = 10s }) }
        }
    """
    for path, source, device in sources(vm):
        if not isinstance(source, (TcpSource, UnixSource)) or source.reconnect is None or source.reconnect.enabled is None:
            continue
        here = (*path, "source", "reconnect")
        # libvirt listens on the socket of a channel whose path it chooses (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c 9.0.0).
        if source.mode == "bind" or (isinstance(source, UnixSource) and is_generated(source, device)):
            yield Finding(here, "a source that listens does not connect again", help="set mode = connect")
        elif not source.reconnect.enabled:
            continue
        elif source.reconnect.timeout is None:
            yield Finding(here, "no time between attempts", help="set timeout = 10s")
        elif source.reconnect.timeout == 0:
            yield Finding((*here, "timeout"), "a timeout of 0 between attempts", instead="10s")
