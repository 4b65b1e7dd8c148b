"""Facts that a host's libvirt tells: versions, what it can give guests, its pools and networks; hardware where nothing else tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml.etree import _Element as Element

from vmspec.base.record import record, replace
from vmspec.importing.xml import NotXml, parse
from vmspec.model.facts import DeviceFacts, HostFacts, NodeFacts
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet

VENDORS = {"Intel": "intel", "AMD": "amd", "Hygon": "amd", "ARM": "arm", "IBM": "ibm"}
_UNITS = {"b": 1, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@record(frozen=True, slots=True, kw_only=True)
class Told:
    """What libvirt says, as its XML."""

    capabilities: str
    domain_capabilities: str | None = None
    devices: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    libvirt: int = 0
    """As libvirt counts versions: 9001002 is 9.1.2."""
    qemu: int = 0


def with_libvirt(system: HostFacts, told: Told) -> HostFacts:
    """The facts of a system completed with what libvirt says. Of hardware the system's own word counts."""
    said = libvirt_facts(told)
    changes: dict[str, object] = {}
    names: tuple[str, ...] = HostFacts.__match_args__
    for name in names:
        own, other = getattr(system, name), getattr(said, name)
        if other not in (None, (), {}, frozenset()) and (own in (None, (), {}, frozenset()) or name in ("libvirt", "qemu")):
            changes[name] = other
    return replace(system, **changes)


def libvirt_facts(told: Told) -> HostFacts:
    """The facts that libvirt alone tells. Raises NotXml."""
    host = parse(told.capabilities.encode())
    arch = host.findtext("host/cpu/arch")
    cells = host.findall("host/topology/cells/cell")
    nodes = tuple(_cell(cell) for cell in cells)
    online = CpuSet.of(cpu for node in nodes for cpu in node.cpus)
    domain = parse(told.domain_capabilities.encode()) if told.domain_capabilities else None
    return HostFacts(
        arch=arch,
        libvirt=_version(told.libvirt),
        qemu=_version(told.qemu),
        vendor=VENDORS.get(host.findtext("host/cpu/vendor") or ""),
        cpu_model=host.findtext("host/cpu/model"),
        online=online or None,
        numa=nodes,
        sockets=_by(cells, "socket_id"),
        siblings=_siblings(cells),
        machines=_machines(host, arch),
        cpu_models=_models(domain),
        guest_features=_features(domain),
        loaders=("bios", *_values(domain, "os/enum[@name='firmware']")) if domain is not None else (),
        launch_security=_launch_security(domain),
        devices=tuple(sorted(_devices(told.devices), key=lambda each: each.address)),
        pools=_sorted(_pool(text) for text in told.pools),
        networks=_sorted(_network(text) for text in told.networks),
    )


def _version(number: int) -> str | None:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}" if number else None


def _bytes(element: Element | None) -> int | None:
    if element is None or not (element.text or "").strip().isdigit():
        return None
    return int((element.text or "").strip()) * _UNITS.get(element.get("unit", "KiB"), 1)


def _cell(cell: Element) -> NodeFacts:
    pages = (int(page.get("size", "0")) * _UNITS.get(page.get("unit", "KiB"), 1) for page in cell.findall("pages"))
    distances = tuple(int(each.get("value", "0")) for each in cell.findall("distances/sibling"))
    return NodeFacts(
        id=int(cell.get("id", "0")),
        cpus=CpuSet.of(int(cpu.get("id", "0")) for cpu in cell.findall("cpus/cpu")),
        memory=_bytes(cell.find("memory")),
        pages=tuple(sorted(size for size in pages if size > 64 << 10)),
        distances=distances if len(distances) > 1 else (),
    )


def _by(cells: list[Element], attribute: str) -> tuple[CpuSet, ...]:
    groups: dict[str, list[int]] = {}
    for cell in cells:
        for cpu in cell.findall("cpus/cpu"):
            groups.setdefault(cpu.get(attribute, ""), []).append(int(cpu.get("id", "0")))
    return tuple(sorted((CpuSet.of(cpus) for cpus in groups.values()), key=lambda cpus: next(iter(cpus))))


def _siblings(cells: list[Element]) -> tuple[CpuSet, ...]:
    found = {cpus: cpus for cell in cells for cpu in cell.findall("cpus/cpu") if (cpus := parse_cpus(cpu.get("siblings") or ""))}
    cores = tuple(sorted(found, key=lambda cpus: next(iter(cpus))))
    return cores if any(len(core) > 1 for core in cores) else ()


def _machines(host: Element, arch: str | None) -> tuple[str, ...]:
    """Versioned machine types for guests of the host's own architecture."""
    here = [guest for guest in host.findall("guest/arch") if guest.get("name") == arch]
    names = {machine.text or "" for guest in here for machine in guest.iter("machine") if machine.get("canonical") is None}
    return tuple(sorted(names - {""}))


def _values(domain: Element | None, path: str) -> tuple[str, ...]:
    return tuple(sorted(each.text or "" for each in domain.findall(f"{path}/value"))) if domain is not None else ()


def _models(domain: Element | None) -> tuple[str, ...]:
    models = domain.findall("cpu/mode[@name='custom']/model") if domain is not None else []
    return tuple(sorted(each.text or "" for each in models if each.get("usable") == "yes"))


def _features(domain: Element | None) -> tuple[str, ...]:
    features = domain.findall("cpu/mode[@name='host-model']/feature") if domain is not None else []
    return tuple(sorted(each.get("name", "") for each in features if each.get("policy") == "require"))


def _launch_security(domain: Element | None) -> tuple[str, ...]:
    """`<launchSecurity>` since libvirt 10.5 (docs/formatdomaincaps.rst); before it, `<sev>` alone."""
    if domain is None:
        return ()
    sev = domain.find("features/sev")
    return _values(domain, "features/launchSecurity/enum[@name='sectype']") or (
        ("sev",) if sev is not None and sev.get("supported") == "yes" else ()
    )


def _devices(texts: tuple[str, ...]) -> Iterator[DeviceFacts]:
    for text in texts:
        try:
            device = parse(text.encode())
        except NotXml:
            continue
        pci = device.find("capability[@type='pci']")
        if pci is None or pci.find("capability[@type='phys_function']") is not None:
            continue
        at = [int(pci.findtext(part) or "0") for part in ("domain", "bus", "slot", "function")]
        vendor, product = (_id(pci.find(part)) for part in ("vendor", "product"))
        node, group = pci.find("numa"), pci.find("iommuGroup")
        functions = pci.find("capability[@type='virt_functions']")
        driver = device.findtext("driver/name")
        yield DeviceFacts(
            address="{:04x}:{:02x}:{:02x}.{}".format(*at),
            id=f"{vendor}:{product}" if vendor and product else None,
            kind=(pci.findtext("class") or "").removeprefix("0x") or None,
            node=int(node.get("node", "0")) if node is not None else None,
            iommu_group=int(group.get("number", "0")) if group is not None else None,
            driver=None if driver == "vfio-pci" else driver,
            vfs=int(functions.get("maxCount", "0")) if functions is not None else None,
        )


def _id(element: Element | None) -> str:
    return element.get("id", "").removeprefix("0x") if element is not None else ""


def _pool(text: str) -> Mapping[str, str]:
    pool = parse(text.encode())
    return _some({"name": pool.findtext("name"), "type": pool.get("type"), "path": pool.findtext("target/path")})


def _network(text: str) -> Mapping[str, str]:
    network = parse(text.encode())
    forward, bridge = network.find("forward"), network.find("bridge")
    return _some(
        {
            "name": network.findtext("name"),
            "forward": (forward.get("mode") or "nat") if forward is not None else "none",
            "bridge": bridge.get("name") if bridge is not None else None,
        }
    )


def _some(entry: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in entry.items() if value}


def _sorted(entries: Iterator[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    return tuple(sorted(entries, key=lambda entry: entry.get("name", "")))
