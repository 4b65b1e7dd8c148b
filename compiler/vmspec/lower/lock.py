"""`vmspec.lock`: what guests must keep from build to build — machine types, addresses, identities, placement.

JSON, a VM a line, so that two branches that add VMs merge and a build of a fleet reads it fast. Decisions:
nothing leaves the lock by itself. The address of a removed device stays reserved, so that no other device ever takes its place in
the guest, and a VM that one build does not see is not forgotten; `pruned` drops both, as an explicit act.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from vmspec.base import json_text
from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.record import field, record, replace
from vmspec.base.source import Source, Span
from vmspec.lower import codes
from vmspec.lower.identity import vm_uuid
from vmspec.lower.layout import CURRENT, FIRST, v1

VERSION = 1
PLACED = ("host", "nodes", "pins", "cpuset", "emulator")
SCALARS = ("machine", "layout", "uuid", *PLACED, "was", "instance_id")
PARTS = ("mac", "targets", "addresses", "numbers", "order")
DEFAULT_ENV = "default"
"""The section of a build without `--env`."""
MAX_BYTES = 256 << 20
"""The largest lock that is read; one of 100,000 VMs has about 60 MiB."""
NOTHING: Mapping[str, str] = {}
NO_ORDER: Mapping[str, tuple[str, ...]] = {}


@record(frozen=True, slots=True)
class VmLock:
    """The lock's entry for one VM. `addresses` by device (`disk.vda`): `03:00.0` of PCI, `usb:0:1`, `port:0:2` of virtio-serial,
    `scsi:0:1`, `ccw:0001`."""

    machine: str | None = None
    layout: int | None = None
    uuid: str | None = None
    """An override: a VM that was renamed or imported keeps the identity it had."""
    host: str | None = None
    """The host that a placement has chosen."""
    nodes: str | None = None
    pins: str | None = None
    cpuset: str | None = None
    emulator: str | None = None
    """The rest of that placement: nodes by cell and CPUs by vCPU, each ended by a semicolon, and cpusets."""
    mac: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """MAC addresses that differ from the derived ones, by interface label."""
    targets: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Target names of disks whose label is no target name."""
    addresses: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    numbers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Of devices that the guest counts: ports of serial lines, indexes of controllers with their type (`scsi:1`; without it in locks of
    before)."""
    order: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_ORDER)
    """By kind, labels in the order in which they were first written: the first disk boots, the first serial line is the console."""
    was: str | None = None
    """The name that it had before it was renamed."""
    instance_id: str | None = None
    """What cloud-init knows the guest by: another one is a first start to it."""

    @property
    def version(self) -> int:
        """The layout in force. A guest that was built before layouts were written down has the first."""
        if self.layout is not None:
            return self.layout
        return FIRST if self.machine or self.targets or self.addresses else CURRENT

    @property
    def is_open(self) -> bool:
        """Whether no build has assigned a layout to the VM yet."""
        return not (self.layout or self.machine or self.targets or self.addresses)

    def identity(self) -> VmLock:
        """What a guest keeps when its layout is renewed: UUID, MAC addresses, placement and instance id."""
        return VmLock(uuid=self.uuid, mac=self.mac, instance_id=self.instance_id, **{key: getattr(self, key) for key in PLACED})


EMPTY_VM = VmLock()


@record(frozen=True, slots=True)
class Lock:
    """`vms` by env, then by name; `packages` by name, the hash of their content."""

    vms: Mapping[str, Mapping[str, VmLock]] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def vm(self, env: str | None, name: str) -> VmLock:
        """An env that has not laid a guest out yet takes the layout that it has without one: by its UUID it is the same guest."""
        known = self.vms.get(env or DEFAULT_ENV, {}).get(name, EMPTY_VM)
        elsewhere = self.vms.get(DEFAULT_ENV, {}).get(name) if env and known.is_open else None
        return known if elsewhere is None or elsewhere.is_open else replace(known, layout=elsewhere.version)

    def having(self, env: str | None, built: Mapping[str, VmLock]) -> Lock:
        """With these entries of one env put in; those of VMs that the build did not see stay."""
        section = env or DEFAULT_ENV
        merged = {**self.vms.get(section, {}), **{name: vm for name, vm in built.items() if vm != EMPTY_VM}}
        return Lock({**self.vms, section: merged} if merged else self.vms, self.packages)


def pruned(lock: Lock, env: str | None, devices: Mapping[str, Iterable[str]], only: Iterable[str] = ()) -> Lock:
    """Without what is kept for devices not named. `devices`: those that each VM of the env still has; VMs that are not among the keys
    are forgotten. `only`: nothing happens to any other VM than these."""
    section, chosen = env or DEFAULT_ENV, frozenset(only)
    kept: dict[str, VmLock] = {}
    for name, vm in lock.vms.get(section, {}).items():
        if chosen and name not in chosen:
            kept[name] = vm
        elif name in devices:
            kept[name] = without_removed(vm, frozenset(devices[name]))
    return Lock({**lock.vms, section: kept}, lock.packages)


def renewed(lock: Lock, env: str | None, name: str) -> Lock:
    """Forget a VM's layout and keep its identity: machine type, layout, addresses, target names and order are assigned anew."""
    section = env or DEFAULT_ENV
    vms = {**lock.vms.get(section, {}), name: lock.vm(env, name).identity()}
    if env and not lock.vms.get(DEFAULT_ENV, {}).get(name, EMPTY_VM).is_open:
        vms[name] = replace(vms[name], layout=CURRENT)
    if vms[name] == EMPTY_VM:
        del vms[name]
    return Lock({**lock.vms, section: vms}, lock.packages)


def without_removed(vm: VmLock, there: frozenset[str]) -> VmLock:
    """Drop the reservations of removed devices. `there` are the keys of existing ones (`disk.vda`, `balloon`)."""
    kinds = (*vm.order, "disk", "interface")
    named = {kind: {key.removeprefix(f"{kind}.") for key in there if key.startswith(f"{kind}.")} for kind in kinds}
    return replace(
        vm,
        mac={label: text for label, text in vm.mac.items() if label in named["interface"]},
        targets={label: text for label, text in vm.targets.items() if label in named["disk"]},
        addresses={key: text for key, text in vm.addresses.items() if key in there or key.startswith(v1.BRIDGE_KEY)},
        numbers={key: text for key, text in vm.numbers.items() if key in there},
        order={kind: kept for kind, labels in vm.order.items() if (kept := tuple(x for x in labels if x in named[kind]))},
    )


def renamed(lock: Lock, env: str | None, project: str, renames: Mapping[str, str], built: Iterable[str]) -> Lock:
    """With what is kept of VMs under their new names, all at once; their UUIDs, and with them the MAC addresses, are no longer those of the
    names. What the lock has of an earlier run of the same renames stays. `built`: the names of the program."""
    section = env or DEFAULT_ENV
    before, names = lock.vms.get(section, {}), frozenset(built)
    due = {old: new for old, new in renames.items() if not _is_renamed(before, old, new, names)}
    left = {name: vm for name, vm in before.items() if name not in due}
    kept = {new: (old, before.get(old, EMPTY_VM)) for old, new in due.items()}
    moved = {new: replace(vm, uuid=vm.uuid or vm_uuid(project, old), was=old) for new, (old, vm) in kept.items()}
    return Lock({**lock.vms, section: {**left, **moved}}, lock.packages) if due else lock


def _is_renamed(vms: Mapping[str, VmLock], old: str, new: str, built: frozenset[str]) -> bool:
    """A VM that is there under the old name too is another one, where the program has both."""
    known = vms.get(new, EMPTY_VM)
    return (known.was == old and (old in built or old not in vms)) or (old not in vms and known.uuid is not None)


def with_own_identities(lock: Lock, env: str | None, project: str, names: Iterable[str]) -> dict[str, VmLock]:
    """What is kept of each VM. One whose name another had before that was renamed gets a UUID of its own, which is kept."""
    taken = {vm.uuid: name for name, vm in lock.vms.get(env or DEFAULT_ENV, {}).items() if vm.uuid is not None}
    found: dict[str, VmLock] = {}
    for name in names:
        vm = lock.vm(env, name)
        if vm.uuid is None and taken and taken.get(vm_uuid(project, name), name) != name:
            count = 1
            while (uuid := vm_uuid(project, f"{name}#{count}")) in taken:
                count += 1
            vm = replace(vm, uuid=uuid)
        found[name] = vm
    return found


def write_lock(lock: Lock) -> str:
    """The text of a lock, with names sorted; equal locks give equal texts."""
    lines = ["{", f'  "version": {VERSION},']
    lines += _section('  "packages": ', ((name, json.dumps(digest)) for name, digest in sorted(lock.packages.items())), "  ", ",")
    envs = [(env, vms) for env, vms in sorted(lock.vms.items()) if vms]
    lines.append('  "envs": {' + ("" if envs else "}"))
    for n, (env, vms) in enumerate(envs):
        entries = ((name, _entry(vm)) for name, vm in sorted(vms.items()))
        lines += _section(f"    {json.dumps(env)}: ", entries, "    ", "," if n + 1 < len(envs) else "")
    if envs:
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def _section(head: str, entries: Iterable[tuple[str, str]], indent: str, tail: str) -> Iterator[str]:
    inner = [f"{indent}  {json.dumps(name, ensure_ascii=False)}: {text}" for name, text in entries]
    if not inner:
        yield f"{head}{{}}{tail}"
        return
    yield f"{head}{{"
    yield ",\n".join(inner)
    yield f"{indent}}}{tail}"


def _entry(vm: VmLock) -> str:
    scalars = {key: getattr(vm, key) for key in SCALARS}
    parts: Mapping[str, Mapping[str, object]] = {key: getattr(vm, key) for key in PARTS}
    held = {key: value for key, value in scalars.items() if value is not None} | {
        key: dict(sorted(p.items())) for key, p in parts.items() if p
    }
    return json.dumps(held, ensure_ascii=False)


def unreadable(name: str, reason: str) -> Diagnostic:
    return Diagnostic(codes.LOCK_SYNTAX, f"the lock file {name} {reason}")


def read_lock(source: Source) -> tuple[Lock, tuple[Diagnostic, ...]]:
    """Parse a lock as far as possible; its errors stop the build before anything is written."""
    reader = _Reader(source)
    return reader.lock(), tuple(reader.found)


def entry_span(source: Source | None, name: str) -> Span | None:
    """Where the entry of a VM stands."""
    return _Reader(source)._find(name) if source is not None else None


class _Twice(dict[str, object]):
    """A JSON object that holds a name twice: the name."""

    name = ""


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    held = dict(pairs)
    if len(held) == len(pairs):
        return held
    twice = _Twice(held)
    seen: set[str] = set()
    twice.name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return twice


CONFLICT = re.compile(r"^(?:<{7} .*|>{7} .*|={7})$", re.MULTILINE)
"""The conflict markers of git."""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def conflict(self, marker: re.Match[str]) -> None:
        self.found.append(
            Diagnostic(
                codes.LOCK_SYNTAX,
                f"the lock file holds the marks of a merge that conflicted: `{marker[0][:40]}`",
                Span(self.source, marker.start(), marker.end()),
                help="keep the entries of both sides; of one VM that has two, those that its running guest was built with",
            )
        )

    def lock(self) -> Lock:
        try:
            data = json_text.loads(self.source.text, _no_duplicates)
        except json_text.TooDeepError:
            self.found.append(Diagnostic(codes.LOCK_SYNTAX, "the lock file is nested too deeply", Span(self.source, 0, 1)))
            return Lock()
        except json.JSONDecodeError as error:
            marker = CONFLICT.search(self.source.text)
            if marker is not None:
                self.conflict(marker)
                return Lock()
            at = min(error.pos, len(self.source.text))
            self.found.append(
                Diagnostic(
                    codes.LOCK_SYNTAX, f"the lock file is not JSON: {error.msg}", Span(self.source, at, min(at + 1, len(self.source.text)))
                )
            )
            return Lock()
        except ValueError as error:
            self.found.append(Diagnostic(codes.LOCK_SYNTAX, f"the lock file cannot be read: {error}", Span(self.source, 0, 1)))
            return Lock()
        if not isinstance(data, dict) or not isinstance(version := data.get("version"), int):
            self.found.append(
                Diagnostic(
                    codes.LOCK_ENTRY, 'the lock file does not say its "version"', Span(self.source, 0, min(1, len(self.source.text)))
                )
            )
            return Lock()
        if version > VERSION:
            self.found.append(
                Diagnostic(codes.LOCK_VERSION, f"the lock file has version {version}, and this vmc knows {VERSION}", self._find("version"))
            )
            return Lock()
        self._duplicates(data)
        vms = {
            env: {name: self._vm(name, entry) for name, entry in self._map(vms, env).items()}
            for env, vms in self._map(data.get("envs", {}), "envs").items()
        }
        return Lock(vms, self._texts(data.get("packages", {}), "packages", r"sha256:[0-9a-f]{64}"))

    def _duplicates(self, data: object) -> None:
        """Depth first, in the order of the file."""
        if isinstance(data, _Twice):
            first, second = self._find(data.name), self._find(data.name, last=True)
            self.found.append(
                Diagnostic(
                    codes.LOCK_DUPLICATE, f'the lock file holds "{data.name}" twice', second, labels=(Label(first, "the first is here"),)
                )
            )
        if isinstance(data, dict):
            for inner in data.values():
                self._duplicates(inner)

    def _vm(self, name: str, entry: object) -> VmLock:
        data = self._map(entry, name)
        for key in sorted(data.keys() - SHAPES.keys() - {"layout", "order"}):
            self._bad(key, f'the lock entry of "{name}" has "{key}", which is no part of one')
        layout = data.get("layout")
        if layout is not None and layout not in range(FIRST, CURRENT + 1):
            self._bad(name, f'the lock entry of "{name}" has layout {json.dumps(layout)}, and this vmc knows {FIRST} to {CURRENT}')
            layout = None
        scalars = {key: self._text(data.get(key), key, SHAPES[key]) for key in ("machine", "uuid", *PLACED, "was", "instance_id")}
        parts = {key: self._texts(data.get(key, {}), key, SHAPES[key]) for key in PARTS if key != "order"}
        order = {kind: self._labels(labels, kind) for kind, labels in self._map(data.get("order", {}), "order").items()}
        whole = layout if isinstance(layout, int) else None
        return VmLock(
            scalars["machine"], whole, scalars["uuid"], scalars["host"], scalars["nodes"], scalars["pins"], scalars["cpuset"],
            scalars["emulator"], order=order, was=scalars["was"], instance_id=scalars["instance_id"], **parts,
        )  # fmt: skip

    def _labels(self, data: object, kind: str) -> tuple[str, ...]:
        labels = tuple(label for label in data if isinstance(label, str)) if isinstance(data, list) else ()
        if not isinstance(data, list) or len(labels) != len(data) or len(set(labels)) != len(labels):
            self._bad(kind, f'"{kind}" of the lock file is no list of labels')
        return tuple(dict.fromkeys(labels))

    def _map(self, data: object, name: str) -> dict[str, object]:
        if isinstance(data, dict):
            return data
        self._bad(name, f'"{name}" of the lock file is not an object')
        return {}

    def _texts(self, data: object, name: str, shape: str) -> dict[str, str]:
        found = ((key, self._text(value, key, shape)) for key, value in self._map(data, name).items())
        return {key: text for key, text in found if text is not None}

    def _text(self, value: object, name: str, shape: str) -> str | None:
        if value is None or (isinstance(value, str) and re.fullmatch(shape, value)):
            return value
        self._bad(name, f'"{name}" of the lock file is {json.dumps(value)}, which is not what vmc writes there')
        return None

    def _bad(self, name: str, message: str) -> None:
        self.found.append(Diagnostic(codes.LOCK_ENTRY, message, self._find(name)))

    def _find(self, name: str, last: bool = False) -> Span:
        """Where a name stands: JSON's own reader tells no positions, so it is searched for."""
        quoted = json.dumps(name, ensure_ascii=False)
        at = self.source.text.rfind(quoted) if last else self.source.text.find(quoted)
        return Span(self.source, at, at + len(quoted)) if at >= 0 else Span(self.source, 0, min(1, len(self.source.text)))


_PLACE = r"[0-9a-f]{2}:[01][0-9a-f]\.[0-7]"
_CPUS = r"[0-9]{1,5}([-,][0-9]{1,5})*"
SHAPES = {
    "machine": r"[A-Za-z0-9._-]+",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "host": r"[^\x00-\x1f]+",
    "nodes": r"([0-9]{1,4};)+",
    "pins": rf"({_CPUS};)+",
    "cpuset": _CPUS,
    "emulator": _CPUS,
    "was": r"[^\x00-\x1f]+",
    "instance_id": r"[^\x00-\x1f]+",
    "mac": r"[0-9a-f]{2}(:[0-9a-f]{2}){5}",
    "targets": r"[a-z]+",
    "addresses": rf"{_PLACE}|[0-9]+@{_PLACE}|(usb|port|scsi):[0-9]+:[0-9]+|ccw:[0-9a-f]{{4}}",
    "numbers": r"(?:[a-z-]{1,20}:)?[0-9]{1,6}",
}
"""The pattern of each part of an entry."""
