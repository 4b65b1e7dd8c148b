"""A NixOS module: what the files of a host say, as options of NixOS.

Sources: NixOS 25.11, nixos/modules: system/boot/{kernel,modprobe}.nix, config/sysctl.nix, system/boot/systemd/tmpfiles.nix,
services/hardware/udev.nix (extraRules are 99-local.rules, so rules that have to come earlier are a package), lib/systemd-lib.nix
(overrideStrategy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.emit.export.parts import HostParts, parts
from vmspec.emit.host.file import OURS
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import sysctl_value

BIN = "/run/current-system/sw/bin"


def nixos_module(host: HostObject) -> str:
    """To be imported by the configuration of the host."""
    held = parts(host, "other")
    body = [*_kernel(host, held), *_files(held), *_units(held)]
    head = f"# {OURS.partition(',')[0]}: change the source and export again."
    return "\n".join([head, "{ pkgs, ... }:", "{", *(f"  {line}" if line else "" for line in body), "}"]) + "\n"


def _kernel(host: HostObject, held: HostParts) -> Iterator[str]:
    if held.arguments:
        yield from ("boot.kernelParams = [", *(f"  {_text(each)}" for each in held.arguments), "];")
    if host.spec.realtime_kernel:
        yield "boot.kernelPackages = pkgs.linuxPackages-rt;"
    if host.spec.modules:
        yield f"boot.kernelModules = [ {' '.join(_text(name) for name in sorted(host.spec.modules))} ];"
    if host.spec.vfio:
        yield 'boot.initrd.kernelModules = [ "vfio_pci" "vfio_iommu_type1" ];'
    texts = {name: sysctl_value(name, value) for name, value in sorted(host.spec.sysctl.items())}
    settings = {name: text for name, text in texts.items() if isinstance(text, str)}
    if settings:
        yield from ("boot.kernel.sysctl = {", *(f"  {_text(name)} = {_text(text)};" for name, text in settings.items()), "};")


def _files(held: HostParts) -> Iterator[str]:
    """An option stands once: what several files say of it is one list."""
    modprobe, rules, packages = [], [], []
    for path, mode, text in held.files:
        name = path.rpartition("/")[2]
        match path.split("/")[1:3]:
            case ["etc", "modprobe.d"]:
                modprobe.append(text)
            case ["etc", "sysctl.d" | "modules-load.d"]:
                pass  # options of their own
            case ["etc", "tmpfiles.d"]:
                rules += [_text(line) for line in text.splitlines() if not line.startswith("#")]
            case ["etc", "udev"]:
                packages.append(f"(pkgs.writeTextDir {_text(f'lib/udev/rules.d/{name}')} {_block(text)})")
                if "vfio" in name:  # for drivers that the initrd has
                    yield f"boot.initrd.services.udev.rules = {_block(text)};"
            case ["etc", _]:
                executable = ' mode = "0755";' if mode & 0o111 else ""
                yield f"environment.etc.{_text(path.removeprefix('/etc/'))} = {{{executable} text = {_block(text)}; }};"
            case _:
                rules.append(f'"L+ {path} - - - - ${{pkgs.writeScript {_text(name)} {_block(text)}}}"')
    if modprobe:
        yield f"boot.extraModprobeConfig = {_block(''.join(modprobe))};"
    for option, values in (("systemd.tmpfiles.rules", rules), ("services.udev.packages", packages)):
        if values:
            yield from (f"{option} = [", *(f"  {value}" for value in values), "];")


def _units(held: HostParts) -> Iterator[str]:
    for name, text in held.units:
        wanted = " ".join(_text(target) for target in re.findall(r"^WantedBy=(.+)$", text, re.MULTILINE))
        yield f"systemd.units.{_text(name)} = {{"
        if wanted:
            yield f"  wantedBy = [ {wanted} ];"
        yield f"  text = {_block(_for_nixos(text))};"
        yield "};"
    for name, text in held.drop_ins:
        yield f'systemd.units.{_text(name)} = {{ overrideStrategy = "asDropin"; text = {_block(text)}; }};'


def _for_nixos(unit: str) -> str:
    """Programs are below the system's profile there; /bin/sh alone is where it is elsewhere."""
    return unit.replace("/sbin/modprobe", f"{BIN}/modprobe").replace("[Service]\n", f"[Service]\nEnvironment=PATH={BIN}\n")


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${").replace("\n", "\\n") + '"'


def _block(text: str) -> str:
    """An indented string of Nix: the least indentation is taken away, `''` and `${` are escaped."""
    lines = text.replace("''", "'''").replace("${", "''${").splitlines()
    return "''\n" + "\n".join(f"    {line}" if line else "" for line in lines) + "\n  ''"
