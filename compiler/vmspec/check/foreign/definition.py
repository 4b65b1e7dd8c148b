"""What only an imported definition can say: numbers, entries and parts that no source could write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.queries.raw import with_raw
from vmspec.check.queries.texts import direct, within
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4155, "pin-beyond-vcpus", phase=Phase.ACCEPTED, needs="vcpu cpu")
def pin_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A pin, schedule or state for a vCPU whose number is not below the largest number of vCPUs.
    Why: libvirt discards such pins without a word (virDomainVcpuPinDefParseXML, src/conf/domain_conf.c 9.0.0): a later vCPU floats that was
    thought pinned.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          vcpu 0 { pin = 2 }
          vcpu 1 { pin = 3 }
          emulator { pin = 1 }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 2
          vcpu 0 { pin = 2 }
          vcpu 1 { pin = 3 }
          emulator { pin = 1 }
        }
    """
    most = max_vcpus(vm)
    for vcpu in vm.vcpu:
        if vcpu.pin is not None and vcpu.label.isdigit() and int(vcpu.label) >= most:
            yield Finding(("vcpu", vcpu.label), f"vCPU {vcpu.label} does not exist: the VM has {most}, numbered from 0")


@rule(4156, "vcpu-beyond-vcpus", phase=Phase.DEFINE, needs="vcpu")
def vcpu_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: `vcpu N` says whether the vCPU is online, hotpluggable, its order or its scheduler, and N is not below the largest number of
    vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainVcpuParse and virDomainSchedulerParse, src/conf/domain_conf.c).
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          vcpu 0 { online = true }
          vcpu 1 { online = true }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { online = true }; vcpu 1 { online = true } }
    """
    most = max_vcpus(vm)
    for vcpu in vm.vcpu:
        if (
            vcpu.label.isdigit()
            and int(vcpu.label) >= most
            and not all(x is None for x in (vcpu.online, vcpu.hotpluggable, vcpu.order, vcpu.scheduler))
        ):
            yield Finding(("vcpu", vcpu.label), f"vCPU {vcpu.label} does not exist: the VM has {most}, numbered from 0")


@rule(4451, "duplicate-mac-in-vm", phase=Phase.FLEET, needs="interface")
def duplicate_mac_in_vm(vm: Domain) -> Iterator[Finding]:
    """
    What: Two interfaces of one VM have the same MAC address (and are no team).
    Why: libvirt accepts it (observed with 9.0.0); the bridge sends the frames to whichever was heard last, and the guest renames or drops
    one of the cards.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          interface eth0 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
          interface eth1 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 }
          interface eth1 { source = bridge("br0"); mac = 52:54:00:12:34:57 }
        }
    """
    if len(vm.interface) < 2:
        return
    seen: dict[str, str] = {}
    for card in vm.interface:
        if not card.mac or card.teaming is not None:
            continue
        first = seen.setdefault(card.mac, card.label)
        if first != card.label:
            yield Finding(
                ("interface", card.label, "mac"),
                f"interfaces {first} and {card.label} both have {card.mac}",
                labels=((("interface", first, "mac"), "the first"),),
            )


@rule(4901, "name-slash", phase=Phase.DEFINE, needs="name")
def name_slash(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's name has a `/`.
    Why: libvirt keeps each VM in a file of its name and refuses it at define (virDomainDefPostParseCheckFeatures,
    src/conf/domain_postparse.c 9.0.0).
    Example:
        vm a { resolve = false; memory.size = 1GiB; features { acpi = true }; cpu.count = 1; name = "rack1/a" }
    Instead:
        vm "rack1-a" { memory.size = 1GiB; cpu.count = 1 }
    """
    if vm.name and "/" in vm.name and is_qemu(vm):
        yield Finding(("name",), f"name {vm.name!r} has a slash", help=f"call it {vm.name.replace('/', '-')}")


@rule(4908, "domain-incomplete", phase=Phase.DEFINE)
def incomplete(vm: Domain) -> Iterator[Finding]:
    """
    What: The definition of a domain has no name, an empty one, no type of hypervisor, or no type of operating system.
    Why: libvirt refuses it at parse (virDomainDefParseIDs and virDomainDefParseXML, src/conf/domain_conf.c 9.0.0): "missing name
    information", "missing domain type attribute", "an os <type> must be specified".
    Example:
        vm a { resolve = false; name = ""; type = kvm; memory.size = 1GiB; cpu.count = 1; features { acpi = true } }
    Instead:
        vm a { resolve = false; type = kvm; memory.size = 1GiB; cpu.count = 1; features { acpi = true } }
    """
    if not (vm.name or "").strip():
        yield Finding(("name",), "the domain has no name")
    from_xml = vm.resolve is None  # a source may leave its type out
    if from_xml and vm.type is None and "@type" not in vm.raw:
        yield Finding(("type",), "the domain has no type, such as kvm")
    os_less = vm.os_type is None and "os/type" not in vm.raw and (vm.boot is None or vm.boot.bootloader is None)
    if from_xml and os_less and is_qemu(vm):
        yield Finding(("os-type",), "the domain has no os type, such as hvm")


@rule(4950, "number-unread", phase=Phase.DEFINE)
def number_unread(vm: Domain) -> Iterator[Finding]:
    """
    What: In imported XML there is a text that is none of those that its place can have: a word that no enumeration has, a number that is
    none, a size with an unknown unit, a UUID or MAC address that is none.
    Why: libvirt refuses a value that it cannot read at parse (virXMLPropEnum, virXMLPropUInt and their kin, src/util/virxml.c 9.0.0);
    the places where it does not are marked in the model, each tried on libvirt 9.0.0. It comes from XML only: the language checks its
    values itself.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'queues' in element 'driver': '-5'.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 1
          features { acpi = true }
          interface eth0 { source = bridge("br0"); xml { "driver/@queues" = "-5" } }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 1
          features { acpi = true }
          interface eth0 { source = bridge("br0"); queues = 1; model = virtio }
        }
    """
    for path, block in with_raw(vm, ()):
        for place, (steps, reads) in direct(type(block)).items():
            text, unit = block.raw.get(place), block.raw.get(_unit(place))
            meant = [read for read in reads if read.meant(block)] if text is not None else []
            if text is None or not meant:
                continue
            if "<" in text:
                if place and "@" not in place and all(read.is_number() for read in meant):
                    yield Finding((*path, "xml", place), f"{_shown(place, steps)} holds more than {meant[0].noun}")
            elif not any(read.fits(text, unit) for read in meant):
                shown = text.strip() if unit is None else f"{text.strip()} {unit}"
                yield Finding((*path, "xml", place), f"{_shown(place, steps)} {shown!r} is not {meant[0].noun}")
        for place, tag, attribute, steps, read in within(type(block)):
            for text in re.findall(rf'<{tag}\b[^>]*?\s{attribute}="([^"]*)"', block.raw.get(place, "")):
                if not read.fits(text):
                    at = (*path, "xml", place) if place else (*path, "xml")
                    yield Finding(at, f"{_shown(attribute, steps)} {text!r} is not {read.noun}")


def _unit(place: str) -> str:
    """Where the unit of what stands at a place stands."""
    return f"{place.rpartition('/@')[0] if '@' in place else place}/@unit".lstrip("/")


def _shown(place: str, steps: Path) -> str:
    """The word of the language, and libvirt's where it is another one."""
    own = place.rpartition("/")[2].removeprefix("@")
    return steps[-1] if own.lower() in (steps[-1], steps[-1].replace("-", "")) else f"{own} ({steps[-1]})"


_TUNED = re.compile(r"<(vcpupin|iothreadpin)\b[^>]*\b(?:vcpu|iothread)=.(\d+)")
_CELL = re.compile(r"<cell\b[^>]*\bid=.(\d+)")
_FEATURE = re.compile(r"<feature\b[^>]*\bname=.([\w.-]+)")


@rule(4951, "duplicate-entry", phase=Phase.DEFINE)
def duplicate_entry(vm: Domain) -> Iterator[Finding]:
    """
    What: Imported XML pins a vCPU or I/O thread twice, has two NUMA cells with one number, or names a CPU feature twice.
    Why: libvirt 9.0.0 refuses it at define (virDomainVcpuPinDefParseXML and virDomainIOThreadPinDefParseXML, src/conf/domain_conf.c;
    virDomainNumaDefParseXML, src/conf/numa_conf.c; virCPUDefParseXML, src/conf/cpu_conf.c). It comes from XML only: the language has one
    value for a name.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: CPU feature 'vmx' specified more than once.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          features { acpi = true }
          cpu { mode = host-model; features { vmx = require } }
          xml { "cpu" = "<feature policy='disable' name='vmx'/>" }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          features { acpi = true }
          cpu { mode = host-model; features { vmx = disable } }
        }
    """
    pinned = {
        "vcpupin": [v.label for v in vm.vcpu if v.pin is not None],
        "iothreadpin": [t.label for t in vm.iothread if t.pin is not None],
    }
    for kind, number in _TUNED.findall(vm.raw.get("cputune", "")):
        if number in pinned[kind]:
            yield Finding(("vcpu" if kind == "vcpupin" else "iothread", number, "pin"), f"there are two {kind} of {number}")
    there = [cell.label for cell in vm.numa.cell] if vm.numa is not None else []
    for number in _CELL.findall(vm.raw.get("cpu/numa", "")):
        if number in there:
            yield Finding(("numa", "cell", number), f"there are two cells {number}")
    features = vm.cpu.features if vm.cpu is not None and vm.cpu.features else {}
    for name in _FEATURE.findall(vm.raw.get("cpu", "")):
        if name in features:
            here: Path = ("cpu", "features", name)
            yield Finding(here, f"CPU feature {name} is named twice")
