"""`vmc rehearse` boots real kernels with a real systemd around our files; what each does not take is named with its line and guest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prerequisites import missing
from tests.topologies import MACHINES, write_tree
from vmspec.deploy.facts.gather import facts_of, where
from vmspec.model.facts_json import facts_text

pytestmark = [
    pytest.mark.skipif(bool(missing("debootstrap") or missing("kernel")), reason=str(missing("debootstrap") or missing("kernel"))),
    pytest.mark.newer,
]
GUEST = (
    "vm {0} extends std.low-latency {{ place = host(n1); memory.size = 2GiB; cpu {{ count = {1}; pin = {2}{3} }}\n"
    ' disk vda {{ source = block("/dev/vg0/{0}") }} }}\n'
)
THREADS = "; topology { sockets = 1; cores = 1; threads = 2 }"


def rehearsed(source: Path, *words: str) -> tuple[int, dict[str, dict[str, object]], dict[str, object]]:
    command = [sys.executable, "-m", "vmspec.cli.main", "rehearse", "n1", str(source), "--format", "json", "--limit", "400", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    data = json.loads(done.stdout)
    return done.returncode, {each["what"]: each for each in data["settings"]}, data


def test_a_host_of_two_nodes_is_as_meant_but_for_what_is_wrong(tmp_path: Path) -> None:
    source = tmp_path / "a.vmspec"
    source.write_text(
        "host n1 { os = debian; numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB }; reserve { cpus = 0,4 }\n"
        " kernel.args { isolcpu = 1 }\n"
        " sysctl { vm.swapiness = 3 }\n"
        " modprobe { kvm.halt_pol_ns = 0 } }\n" + GUEST.format("a", 2, [2, 3], "") + GUEST.format("b", 2, [6, 7], "")
    )
    code, settings, data = rehearsed(source)
    assert data["arguments"] == data["arguments_of_the_host"] and data["pages_factor"] == 1
    wrong = {what: each for what, each in settings.items() if each["state"] == "not-taken"}
    assert code == 3 and set(wrong) == {"argument isolcpu=1", "vm.swapiness", "kvm.halt_pol_ns"}
    assert [each["where"]["line"] for each in wrong.values()] == [2, 3, 4]  # type: ignore[index]
    assert settings["isolcpus"]["found"] == settings["nohz_full"]["found"] == "2-3,6-7"
    assert settings["isolcpus"]["guests"] == ["a", "b"]
    assert settings["system.slice on CPUs"]["state"] == settings["IRQs by default on"]["state"] == "as-meant"
    assert settings["pages of 1 GiB on node 0"]["found"] == settings["pages of 1 GiB on node 1"]["found"] == "2"


def test_a_large_host_is_rehearsed_by_its_first_and_last_cores(tmp_path: Path) -> None:
    large = next(each for each in MACHINES if each.name == "two-by-128")
    (tmp_path / "n1.json").write_text(facts_text(facts_of(where(None, None, str(write_tree(tmp_path / "root", large))))))
    source = tmp_path / "a.vmspec"
    source.write_text(
        'host n1 { facts = "n1.json"; reserve { cpus = 0-4,64-68,128-132,192-196 } }\n'
        + GUEST.format("a", 2, [63, 191], THREADS)
        + GUEST.format("b", 2, [127, 255], THREADS)
    )
    code, settings, data = rehearsed(source)
    assert code == 0, [each for each in settings.values() if each["state"] == "not-taken"]
    assert len(data["cpus"]) == 16  # type: ignore[arg-type]
    assert settings["cores"]["found"] == "0,128 1,129 126,254 127,255 62,190 63,191 64,192 65,193"
    assert settings["isolcpus"]["found"] == "63,127,191,255"
