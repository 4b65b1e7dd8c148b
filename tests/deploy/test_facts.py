"""Facts of a host: read from trees of recorded machines, the same twice, read back, and compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.topologies import MACHINES, Machine, write_tree
from vmspec.base.record import replace
from vmspec.cli.main import main
from vmspec.deploy.facts.compare import gone
from vmspec.deploy.facts.gather import facts_of, where
from vmspec.driver.compilation import Compilation
from vmspec.importing.host_facts import Told, libvirt_facts
from vmspec.model.facts import HostFacts
from vmspec.model.facts_json import FactsError, facts_text, read_facts
from vmspec.model.value import CpuSet


def looked_at(folder: Path, machine: Machine) -> HostFacts:
    return facts_of(where(None, None, str(write_tree(folder / machine.name, machine))))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_machine_is_told_as_it_is(machine: Machine, tmp_path: Path) -> None:
    facts = looked_at(tmp_path, machine)
    assert facts.arch == machine.arch and facts.kernel == machine.kernel
    assert [node.id for node in facts.numa] == list(range(len(machine.memory)))
    for node in facts.numa:
        assert node.cpus == CpuSet.of(cpu for core in machine.cores if core.node == node.id for cpu in core.cpus)
        assert node.memory == machine.memory[node.id] * 1016 << 20
    smt = any(len(core.cpus) > 1 for core in machine.cores)
    assert set(facts.siblings) == ({CpuSet.of(core.cpus) for core in machine.cores} if smt else set())
    assert len(facts.caches) == len({core.cache for core in machine.cores})
    assert [(card.name, card.address, card.vfs) for card in facts.nics] == [(c.name, c.address, c.vfs or None) for c in machine.cards]
    assert facts.exclusive is True and facts.cgroup == 2 and facts.bootloader == "grub"


def test_the_file_is_the_same_twice_and_reads_back(tmp_path: Path) -> None:
    facts = looked_at(tmp_path, MACHINES[3])
    text = facts_text(facts)
    assert text == facts_text(facts_of(where(None, None, str(tmp_path / MACHINES[3].name))))
    assert read_facts(json.loads(text)) == facts
    assert "vnet7" not in text and "MemFree" not in text and "BOOT_IMAGE" not in text


def test_facts_without_a_version_are_read() -> None:
    facts = read_facts({"libvirt": "9.0.0", "numa": [{"id": 1, "cpus": "0-3"}], "siblings": ["0,2", "1,3"]})
    assert (facts.libvirt, facts.numa[0].id, facts.siblings[1]) == ("9.0.0", 1, CpuSet.of((1, 3)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"version": 2}, "up to version 1"),
        ({"version": 1, "numa": {}}, "`numa` is an object"),
        ({"version": 1, "numa": [{"id": 0, "cpus": "x"}]}, "not a cpuset"),
        ({"version": 1, "siblings": ["0,1", "1,2"]}, "in two cores"),
        ({"version": 1, "nics": [{"name": "a", "mtu": "1500"}]}, "`mtu` is a text"),
        ({"version": 1, "numa": [{"id": 0, "cpus": "0", "memory": "4GB"}]}, "must be a size"),
    ],
)
def test_another_form_is_refused(data: dict[str, object], says: str) -> None:
    with pytest.raises(FactsError, match=says):
        read_facts(data)


# ------------------------------------------------------------------------------------------------- comparing


def test_each_fact_that_is_gone_is_named(tmp_path: Path) -> None:
    was = looked_at(tmp_path, MACHINES[2])
    nodes = (replace(was.numa[0], memory=(was.numa[0].memory or 0) // 2), was.numa[1])
    now = replace(was, kernel="6.12.99", numa=nodes, nics=(replace(was.nics[0], mtu=9000),), devices=())
    assert [each.path for each in gone(was, now)] == ["kernel.release", "numa[0].memory", "nics[ens1f0].mtu", "devices[0000:af:00.0]"]


def test_what_comes_and_goes_is_no_change(tmp_path: Path) -> None:
    was = looked_at(tmp_path, MACHINES[2])
    node = replace(was.numa[0], memory=(was.numa[0].memory or 0) - (300 << 20))
    now = replace(
        was,
        numa=(node, was.numa[1]),
        nics=(replace(was.nics[0], speed=None),),
        kernel_args=("isolcpus=2",),
        sysctls=frozenset(),
        features=was.features,
        libvirt="11.3.0",
    )
    assert gone(was, now) == ()
    assert [str(each) for each in gone(now, was)] == ["libvirt was 11.3.0 and is gone"]


def test_the_command_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_tree(tmp_path / "m", MACHINES[1])
    file = tmp_path / "n1.json"
    assert main(["facts", "--root", str(root), "-o", str(file)]) == 0
    assert main(["facts", "--root", str(root), "--check", str(file)]) == 0
    (root / "proc/sys/kernel/osrelease").write_text("6.12.99\n")
    capsys.readouterr()
    assert main(["facts", "--root", str(root), "--check", str(file)]) == 3
    assert "kernel.release was 6.12.48+deb13-amd64 and is 6.12.99" in capsys.readouterr().out
    assert main(["facts"]) == 2
    assert main(["facts", "--local", "--ssh", "h"]) == 2
    assert main(["facts", "--root", str(tmp_path / "none")]) == 5


# ------------------------------------------------------------------------------------------ what libvirt tells

CAPABILITIES = """<capabilities><host><cpu><arch>x86_64</arch><model>Skylake-Server</model><vendor>Intel</vendor></cpu>
<topology><cells num='2'>
<cell id='0'><memory unit='KiB'>1048576</memory><pages unit='KiB' size='4'>1</pages><pages unit='KiB' size='2048'>0</pages>
<distances><sibling id='0' value='10'/><sibling id='1' value='21'/></distances>
<cpus num='2'><cpu id='0' socket_id='0' core_id='0' siblings='0,2'/><cpu id='2' socket_id='0' core_id='0' siblings='0,2'/></cpus></cell>
<cell id='1'><memory unit='KiB'>1048576</memory>
<cpus num='2'><cpu id='1' socket_id='1' core_id='0' siblings='1,3'/><cpu id='3' socket_id='1' core_id='0' siblings='1,3'/></cpus></cell>
</cells></topology></host>
<guest><arch name='x86_64'><machine canonical='pc-q35-9.2'>q35</machine><machine>pc-q35-9.2</machine></arch></guest>
</capabilities>"""
DEVICE = """<device><name>pci_0000_3b_00_0</name><driver><name>mlx5_core</name></driver><capability type='pci'><class>0x020000</class>
<domain>0</domain><bus>59</bus><slot>0</slot><function>0</function><product id='0x1017'/><vendor id='0x15b3'/>
<capability type='virt_functions' maxCount='64'/><iommuGroup number='7'/><numa node='1'/></capability></device>"""


def test_a_libvirt_alone_tells_the_hardware_too() -> None:
    facts = libvirt_facts(Told(capabilities=CAPABILITIES, devices=(DEVICE,), libvirt=11_003_000, qemu=10_000_002))
    assert (facts.libvirt, facts.qemu, facts.cpu_model, facts.vendor) == ("11.3.0", "10.0.2", "Skylake-Server", "intel")
    assert facts.numa[0].cpus == CpuSet.of((0, 2)) and facts.numa[0].pages == (2 << 20,) and facts.numa[0].distances == (10, 21)
    assert facts.sockets == (CpuSet.of((0, 2)), CpuSet.of((1, 3))) == facts.siblings
    assert facts.machines == ("pc-q35-9.2",)
    device = facts.devices[0]
    assert (device.address, device.id, device.node, device.iommu_group, device.vfs) == ("0000:3b:00.0", "15b3:1017", 1, 7, 64)


# ------------------------------------------------------------------------------------------ facts in a program


def program(folder: Path, block: str, machine: Machine = MACHINES[2]) -> Compilation:
    (folder / "n1.json").write_text(facts_text(looked_at(folder, machine)))
    (folder / "a.vmspec").write_text(f'host n1 {{ facts = "n1.json"; {block} }}\n')
    return Compilation([folder / "a.vmspec"])


def test_a_block_has_from_its_facts_what_it_does_not_say(tmp_path: Path) -> None:
    made = program(tmp_path, "tags = [x]")
    assert made.diagnostics == ()
    host = made.fleet.hosts[0].spec
    assert [str(node.cpus) for node in host.numa] == ["0-15,32-47", "16-31,48-63"]
    assert host.numa[0].memory == 192 * 1016 << 20
    assert (host.os, host.kernel_version, host.vendor) == ("debian", MACHINES[2].kernel, "intel")
    assert [(nic.label, nic.node, nic.address) for nic in host.nic] == [("ens1f0", 1, "0000:af:00.0")]
    assert [device.address for device in host.device] == ["0000:af:00.0"]
    assert made.fleet.facts["n1"].kernel == MACHINES[2].kernel


def test_what_is_not_x86_is_its_own_architecture(tmp_path: Path) -> None:
    host = program(tmp_path, "", next(machine for machine in MACHINES if machine.arch == "s390x")).fleet.hosts[0].spec
    assert (host.arch, host.os, host.vendor) == ("s390x", "rhel", "ibm")


def test_a_block_may_have_less_than_there_is(tmp_path: Path) -> None:
    made = program(
        tmp_path, 'numa 0 { cpus = 0-7; memory = 64GiB }; kernel-version = "6.12"; nic lan { address = "0000:af:00.0"; vfs = 8 }'
    )
    assert [d.message for d in made.diagnostics] == []
    assert [nic.label for nic in made.fleet.hosts[0].spec.nic] == ["lan"] and made.fleet.hosts[0].spec.nic[0].node is None


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("numa 0 { cpus = 0-31 }", "says numa.0.cpus = 0-31, and its facts have 0-15,32-47 on node 0"),
        ("numa 2 { memory = 1GiB }", "have no node 2"),
        ("numa 1 { memory = 512GiB }", "says numa.1.memory = 512GiB"),
        ("arch = aarch64", "have x86_64"),
        ("os = ubuntu", "have debian"),
        ("vendor = amd", "have intel"),
        ('kernel-version = "6.1"', 'have "6.12.48+deb13-amd64"'),
        ('siblings = ["0,1", "2,3"]', "have 0,32 on that core"),
        ("nic ens1f0 { node = 0 }", "have it on node 1"),
        ("nic ens1f0 { vfs = 65 }", "have 64 virtual functions of it at most"),
        ('nic x { address = "0000:01:00.0" }', "have no card there"),
        ('device g { address = "0000:01:00.0" }', "have no device there"),
        ('device g { address = "0000:af:00.0"; id = "10de:1db4" }', "have 15b3:1017"),
    ],
)
def test_a_contradiction_names_both_sides(block: str, says: str, tmp_path: Path) -> None:
    found = [d for d in program(tmp_path, block).diagnostics if d.code.name == "facts-contradicted"]
    assert len(found) == 1 and says in found[0].message
    assert found[0].primary is not None and found[0].primary.source.path.endswith("a.vmspec")
    assert [label.span.source.path for label in found[0].labels] == ["n1.json"] and found[0].labels[0].span.text.startswith('"')


OURS = {
    "etc/default/grub.d/90-vmspec.cfg": "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT \"'isolcpus=2-3 nosmt'\n",
    "etc/tuned/profiles/vmspec/tuned.conf": "[bootloader]\ncmdline_vmspec=+isolcpus=2-3 nosmt\n",
    "var/lib/vmspec/cmdline": "isolcpus=2-3 nosmt\n",
    "var/lib/vmspec/cmdline.rpm-ostree": "isolcpus=2-3 nosmt\n",
}


@pytest.mark.parametrize("path", OURS)
def test_arguments_that_a_deploy_handed_over_are_no_facts(path: str, tmp_path: Path) -> None:
    root = write_tree(tmp_path / "m", MACHINES[0])
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(OURS[path])
    (root / "proc/cmdline").write_text("BOOT_IMAGE=/vmlinuz root=UUID=1 ro mitigations=auto isolcpus=2-3 nosmt\n")
    assert facts_of(where(None, None, str(root))).kernel_args == ("ro", "mitigations=auto")
