"""The programs that the benchmarks compile: one VM, and one fleet in each of its spellings."""

from __future__ import annotations

import math
from pathlib import Path

_PROJECT = 'id = "benchmark"\n'

ONE = """\
vm feed extends std.balanced {
  cpu.count = 4
  memory.size = 8GiB
  disk vda { source = file("/var/lib/libvirt/images/feed.raw", format = raw) }
  interface eth0 { source = bridge("br0") }
}
"""

_PROFILE = """\
abstract profile worker extends std.balanced {
  require memory.size: "every worker states its RAM"
  cpu.count ?= 2
  disk "*" { cache = none; io = native }
  tags += [worker]
}

"""

_BODY = """\
  memory.size = 4GiB
  disk vda {{ source = block("/dev/vg0/{name}") }}
  interface eth0 {{ source = bridge("br0") }}
}}
"""


def one(folder: Path) -> Path:
    """A project of one VM, the same that `virt_install` describes."""
    return _project(folder, ONE)


def virt_install(image: Path) -> list[str]:
    """The command that prints the XML of the VM of `ONE`; it looks at the disk, so `image` must exist."""
    return [
        "virt-install", "--connect", "test:///default", "--name", "feed", "--memory", "8192", "--vcpus", "4", "--cpu", "host-model",
        "--disk", f"path={image},format=raw,bus=virtio,cache=none", "--network", "bridge=br0,model=virtio", "--graphics", "none",
        "--osinfo", "detect=off,require=off", "--import", "--noautoconsole", "--print-xml",
    ]  # fmt: skip


def names(count: int) -> tuple[list[str], list[str]]:
    """Two lists of keys whose product has at least `count` members and names them; a key is a name, never an index."""
    side = math.isqrt(count - 1) + 1
    if side * side != count:
        rows = next(rows for rows in range(side, 0, -1) if count % rows == 0)
        return [f"r{row}" for row in range(rows)], [f"s{slot}" for slot in range(count // rows)]
    return [f"r{row}" for row in range(side)], [f"s{slot}" for slot in range(side)]


def each(folder: Path, count: int) -> Path:
    """`count` VMs from one block with two `each`."""
    rows, slots = names(count)
    head = f'vm "w-${{row}}-${{slot}}" extends worker {{\n  each $row in [{", ".join(rows)}]\n  each $slot in [{", ".join(slots)}]\n'
    return _project(folder, _PROFILE + head + _BODY.format(name="w-${row}-${slot}"))


def written(folder: Path, count: int) -> Path:
    """The same VMs, each written out as a block of its own."""
    rows, slots = names(count)
    every = (f"w-{row}-{slot}" for row in rows for slot in slots)
    return _project(folder, _PROFILE + "\n".join(f'vm "{name}" extends worker {{\n{_BODY.format(name=name)}' for name in every))


def nix(folder: Path, count: int) -> Path:
    """The same VMs in the Nix language: profiles merged by recursiveUpdate, XML as strings, nothing checked."""
    rows, slots = names(count)
    path = folder / "fleet.nix"
    path.write_text(_NIX % (" ".join(f'"{row}"' for row in rows), " ".join(f'"{slot}"' for slot in slots)))
    return path


def _project(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vmspec.toml").write_text(_PROJECT)
    path = folder / "fleet.vmspec"
    path.write_text(text)
    return path


# Written for this benchmark alone, without nixpkgs. It stands for what a configuration in a general functional language does for such a
# fleet: merge, derive identities, render. It checks neither values nor schema, so the comparison flatters it.
_NIX = """\
let
  merge = a: b:
    a // builtins.mapAttrs (name: value:
      if a ? ${name} && builtins.isAttrs a.${name} && builtins.isAttrs value then merge a.${name} value else value) b;
  base = {
    machine = "pc-q35-7.2"; clock = "utc"; events = { poweroff = "destroy"; reboot = "restart"; crash = "destroy"; };
    features = { acpi = true; apic = true; }; rng = "/dev/urandom"; video = "virtio"; disk = { cache = "none"; discard = "unmap"; };
  };
  balanced = merge base { cpu = { mode = "host-model"; count = 1; }; balloon = { model = "virtio"; freePageReporting = true; }; };
  worker = merge balanced { cpu.count = 2; disk = { cache = "none"; io = "native"; }; tags = [ "worker" ]; };
  hash = text: builtins.hashString "sha1" text;
  part = from: count: text: builtins.substring from count text;
  uuid = name: let h = hash "benchmark/${name}"; in
    "${part 0 8 h}-${part 8 4 h}-5${part 13 3 h}-a${part 17 3 h}-${part 20 12 h}";
  mac = name: let h = hash "${uuid name}/eth0"; in "52:54:00:${part 0 2 h}:${part 2 2 h}:${part 4 2 h}";
  vm = name: merge worker {
    inherit name; memory = 4 * 1024 * 1024;
    disks.vda = { source = "/dev/vg0/${name}"; }; interfaces.eth0 = { bridge = "br0"; mac = mac name; };
  };
  lines = builtins.concatStringsSep "\\n";
  disk = v: target: d: lines [
    "    <disk type='block' device='disk'>"
    "      <driver name='qemu' type='raw' cache='${v.disk.cache}' io='${v.disk.io}' discard='${v.disk.discard}'/>"
    "      <source dev='${d.source}'/>" "      <target dev='${target}' bus='virtio'/>" "      <alias name='ua-${target}'/>" "    </disk>" ];
  interface = label: i: lines [
    "    <interface type='bridge'>" "      <mac address='${i.mac}'/>" "      <source bridge='${i.bridge}'/>"
    "      <model type='virtio'/>" "      <alias name='ua-${label}'/>" "    </interface>" ];
  xml = v: lines ([
    "<domain type='kvm'>" "  <name>${v.name}</name>" "  <uuid>${uuid v.name}</uuid>"
    "  <memory unit='KiB'>${toString v.memory}</memory>" "  <vcpu>${toString v.cpu.count}</vcpu>"
    "  <os><type arch='x86_64' machine='${v.machine}'>hvm</type></os>"
    "  <features>${builtins.concatStringsSep "" (map (f: "<${f}/>") (builtins.attrNames v.features))}</features>"
    "  <cpu mode='${v.cpu.mode}'/>" "  <clock offset='${v.clock}'/>" ]
    ++ builtins.attrValues (builtins.mapAttrs (e: a: "  <on_${e}>${a}</on_${e}>") v.events)
    ++ [ "  <devices>" ]
    ++ builtins.attrValues (builtins.mapAttrs (disk v) v.disks) ++ builtins.attrValues (builtins.mapAttrs interface v.interfaces)
    ++ [ "    <memballoon model='${v.balloon.model}' freePageReporting='${if v.balloon.freePageReporting then "on" else "off"}'/>"
         "    <rng model='virtio'><backend model='random'>${v.rng}</backend></rng>"
         "    <video><model type='${v.video}'/></video>" "  </devices>" "</domain>" ]);
  rows = [ %s ];
  slots = [ %s ];
  names = builtins.concatMap (row: map (slot: "w-${row}-${slot}") slots) rows;
in builtins.listToAttrs (map (name: { inherit name; value = xml (vm name); }) names)
"""
