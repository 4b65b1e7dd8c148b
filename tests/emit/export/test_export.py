"""Hosts in the words of OpenShift and NixOS: goldens, and read back by a YAML reader and by Nix itself."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.emit.host.test_files import HOSTS, host
from tests.real.debian_root import debian_root
from vmspec.cli.main import main
from vmspec.emit.export import EXPORTS
from vmspec.emit.export.nixos import BIN
from vmspec.emit.export.parts import parts

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"machineconfig": "yaml", "nixos": "nix"}


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("format", EXPORTS)
def test_golden(name: str, format: str) -> None:
    path = GOLDEN / f"{name}.{ENDINGS[format]}"
    made = EXPORTS[format](host(name))
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made)
    assert made == path.read_text()


def by_yaml(text: str) -> Any:
    """What PyYAML makes of it."""
    words = "python3 -c 'import json, yaml; print(json.dumps(yaml.safe_load(open(\"/m.yaml\"))))'"
    return json.loads(debian_root().run(words, {"m.yaml": text}))


@pytest.mark.newer
@pytest.mark.needs("debootstrap")
@pytest.mark.parametrize("name", HOSTS)
def test_a_machine_config_is_what_the_schema_wants(name: str) -> None:
    """Of machineconfiguration.openshift.io/v1 and Ignition 3.2: no field that they lack, each file and unit once and whole."""
    held = parts(host(name), "rhel")
    document = by_yaml(EXPORTS["machineconfig"](host(name)))
    assert set(document) == {"apiVersion", "kind", "metadata", "spec"} and document["kind"] == "MachineConfig"
    spec = document["spec"]
    assert set(spec) <= {"config", "kernelArguments", "kernelType"}
    assert tuple(spec.get("kernelArguments", ())) == held.arguments
    assert set(spec["config"]) <= {"ignition", "storage", "systemd"}
    files = spec["config"].get("storage", {}).get("files", [])
    decoded = {each["path"]: b64decode(each["contents"]["source"].partition("base64,")[2]).decode() for each in files}
    assert decoded == {path: text for path, _, text in held.files}
    assert {each["path"]: each["mode"] for each in files} == {path: mode for path, mode, _ in held.files}
    units = spec["config"].get("systemd", {}).get("units", [])
    assert len({each["name"] for each in units}) == len(units)
    assert {each["name"]: each["contents"] for each in units if "contents" in each} == dict(held.units)
    assert {each["name"]: each["dropins"][0]["contents"] for each in units if "dropins" in each} == dict(held.drop_ins)
    assert not any("grub" in path or "tuned" in path or "dracut" in path for path in decoded)


FAKE = """
let pkgs = { linuxPackages-rt = "rt"; writeTextDir = path: text: { inherit path text; }; writeScript = name: text: name; };
in (import /m.nix { inherit pkgs; })
"""


def by_nix(module: str) -> Any:
    """What Nix makes of a module, with stand-ins for the packages that it names."""
    words = "NIX_STATE_DIR=/tmp/nix nix-instantiate --eval --strict --json --store dummy:// /e.nix 2>/dev/null"
    return json.loads(debian_root().run(words, {"m.nix": module, "e.nix": FAKE}))


@pytest.mark.newer
@pytest.mark.needs("debootstrap")
@pytest.mark.parametrize("name", HOSTS)
def test_nix_reads_what_the_files_say(name: str) -> None:
    held = parts(host(name), "other")
    module = by_nix(EXPORTS["nixos"](host(name)))
    texts = {path: text for path, _, text in held.files}
    assert tuple(module.get("boot", {}).get("kernelParams", ())) == held.arguments
    assert module.get("boot", {}).get("extraModprobeConfig", "") == "".join(t for p, t in texts.items() if p.startswith("/etc/modprobe.d/"))
    rules = {f"/etc/udev/rules.d/{each['path'].rpartition('/')[2]}": each["text"] for each in _at(module, "services", "udev", "packages")}
    assert rules == {path: text for path, text in texts.items() if path.startswith("/etc/udev/")}
    units = _at(module, "systemd", "units") or {}
    assert set(units) == {name for name, _ in (*held.units, *held.drop_ins)}
    for name, text in held.drop_ins:
        assert units[name] == {"overrideStrategy": "asDropin", "text": text}
    for name, text in held.units:
        plain = units[name]["text"].replace(f"Environment=PATH={BIN}\n", "").replace(f"{BIN}/modprobe", "/sbin/modprobe")
        assert plain == text
    switches = [line for line in texts.get("/etc/tmpfiles.d/vmspec.conf", "").splitlines() if line.startswith("w ")]
    assert [rule for rule in _at(module, "systemd", "tmpfiles", "rules") if rule.startswith("w ")] == switches
    etc = {f"/etc/{name}": each["text"] for name, each in (_at(module, "environment", "etc") or {}).items()}
    assert all(texts[path] == text for path, text in etc.items())


def _at(module: Any, *path: str) -> Any:
    for step in path:
        module = module.get(step, {})
    return module


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, file = tmp_path / "a.vmspec", tmp_path / "m.nix"
    source.write_text("host n { os = debian; sysctl { vm.swappiness = 1 } }")
    assert main(["export", "n", str(source)]) == 0
    assert '  name: "50-vmspec-n"\n' in capsys.readouterr().out
    assert main(["export", "n", str(source), "--format", "nixos", "-o", str(file)]) == 0
    assert '"vm.swappiness" = "1";' in file.read_text()
    assert main(["export", "m", str(source)]) == 2
    assert "no host m" in capsys.readouterr().err
