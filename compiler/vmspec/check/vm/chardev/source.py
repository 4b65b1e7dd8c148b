"""Where a character device leads at the host's end."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import is_generated, missing_part, sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.chardev import TcpSource, UnixSource
from vmspec.model.devices.smartcard import HostCertificates
from vmspec.model.domain import Domain


@rule(4801, "source-missing", phase=Phase.DEFINE, needs="serial console channel parallel redirdev rng smartcard")
def source_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A character device has a file, device, pipe, socket or network source without its path, host or port.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrSourceDefValidate, src/conf/domain_validate.c). Only the socket of a virtio channel
    is chosen by libvirt.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Missing source path attribute for char device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = unix() } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = unix("/run/a.sock", mode = bind) } }
    """
    for path, source, device in sources(vm):
        missing = missing_part(source, device)
        if missing:
            yield Finding((*path, "source"), f"{source.tag}() needs {missing}")


@rule(4802, "reconnect", phase=Phase.DEFINE, needs="serial console channel parallel redirdev")
def reconnect(vm: Domain) -> Iterator[Finding]:
    """
    What: `reconnect` on a source that listens, or without a timeout, or with one of 0.
    Why: Only a caller connects again; libvirt 9.0.0 refuses it at define (virDomainChrSourceDefValidate, src/conf/domain_validate.c;
    qemuValidateDomainChrSourceReconnectDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: chardev reconnect is possible only for connect mode.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          serial { source = tcp("127.0.0.1", 4555, mode = bind, reconnect = { enabled = true; timeout = 10s }) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          serial { source = tcp("127.0.0.1", 4555, mode = connect, reconnect = { enabled = true; timeout = 10s }) }
        }
    """
    for path, source, device in sources(vm):
        if not isinstance(source, (TcpSource, UnixSource)) or source.reconnect is None or source.reconnect.enabled is None:
            continue
        here = (*path, "source", "reconnect")
        # libvirt listens on the socket of a channel whose path it chooses (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c 9.0.0).
        if source.mode == "bind" or (isinstance(source, UnixSource) and is_generated(source, device)):
            until = "" if source.mode == "bind" else "10.0.0"
            yield Finding(here, "a source that listens does not connect again", help="set mode = connect", until=until)
        elif not source.reconnect.enabled:
            continue
        elif source.reconnect.timeout is None:
            yield Finding(here, "no time between attempts", help="set timeout = 10s")
        elif source.reconnect.timeout == 0:
            yield Finding((*here, "timeout"), "a timeout of 0 between attempts", instead="10s")


@rule(4803, "spice-missing", phase=Phase.DEFINE, needs="channel serial console parallel redirdev rng smartcard")
def spice_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A spicevmc or spiceport source, and the VM has no Spice graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrSourceDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: chardev 'spicevmc' not supported without spice
    graphics.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; channel agent { source = spicevmc(); name = "com.redhat.spice.0" } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics { type = spice }
          channel agent { source = spicevmc(); name = "com.redhat.spice.0" }
        }
    """
    if any(g.type == "spice" for g in vm.graphics):
        return
    for path, source, _ in sources(vm):
        if source.tag in ("spicevmc", "spiceport"):
            yield Finding(
                (*path, "source"), f"{source.tag}() needs Spice graphics", help="add graphics { type = spice }, or use a unix() source"
            )


@rule(4811, "certificates", phase=Phase.DEFINE, needs="smartcard")
def certificates(vm: Domain) -> Iterator[Finding]:
    """
    What: `host-certificates` without exactly three certificates.
    Why: libvirt 9.0.0 refuses it at define (virDomainSmartcardDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; smartcard { source = host-certificates(["cert1", "cert2"]) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; smartcard { source = host-certificates(["cert1", "cert2", "cert3"]) } }
    """
    for card in vm.smartcard:
        if isinstance(card.source, HostCertificates) and len(card.source.certificates) != 3:
            yield Finding(
                ("smartcard", card.label, "source"), f"host-certificates needs three certificates, not {len(card.source.certificates)}"
            )
