"""`vmc facts` of this machine: its real libvirt, its own /sys, and the same by ssh to a server of the test's own."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prerequisites import missing
from vmspec.cli.main import main
from vmspec.deploy.embedded import prepare
from vmspec.model.facts import HostFacts
from vmspec.model.facts_json import read_facts
from vmspec.model.value import CpuSet


@pytest.fixture
def embedded() -> Iterator[str]:
    """A URI of libvirt's driver, whose root has been made; its path is short for the sake of sockets."""
    with tempfile.TemporaryDirectory(prefix="vf") as folder:
        prepare(Path(folder, "r"))
        yield f"qemu:///embed?root={folder}/r"


def vmc(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: one has one embedded driver."""
    return subprocess.run([sys.executable, "-m", "vmspec.cli.main", *words], capture_output=True, text=True, check=False)


def facts_by(*words: str) -> HostFacts:
    done = vmc("facts", *words)
    assert done.returncode == 0, done.stderr
    return read_facts(json.loads(done.stdout))


def test_libvirt_and_the_system_are_one_host(embedded: str, tmp_path: Path) -> None:
    facts = facts_by(embedded)
    assert facts.libvirt and facts.qemu and facts.qemu.count(".") == 2
    assert facts.kernel == Path("/proc/sys/kernel/osrelease").read_text().strip()
    assert CpuSet.of(cpu for node in facts.numa for cpu in node.cpus) == facts.online
    assert any(machine.startswith("pc-q35-") for machine in facts.machines) and facts.cpu_models
    assert "vm.swappiness" in facts.sysctls and not any("vnet" in name for name in facts.sysctls)
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert vmc("facts", embedded, "-o", first).returncode == vmc("facts", embedded, "-o", second).returncode == 0
    same = [line for line in first.read_text().splitlines() if '"memory"' not in line]  # this guest's own may grow while it is looked at
    assert same == [line for line in second.read_text().splitlines() if '"memory"' not in line]


def test_plan_verify_and_deploy_say_that_a_host_has_changed(embedded: str, tmp_path: Path) -> None:
    file, source = tmp_path / "n1.json", tmp_path / "a.vmspec"
    assert vmc("facts", embedded, "-o", file).returncode == 0
    source.write_text(f'host n1 {{ uri = "{embedded}"; facts = "n1.json" }}\n')
    state = ["--state-dir", str(tmp_path / "state"), str(source)]
    done = vmc("verify", "n1", *state)
    assert done.returncode == 0, done.stderr + done.stdout
    data = json.loads(file.read_text())
    data["kernel"]["release"] = "6.1.0-1-amd64"
    file.write_text(json.dumps(data))
    for command in ("plan", "verify", "deploy"):
        done = vmc(command, "n1", *state)
        assert done.returncode == 3 and "kernel.release was 6.1.0-1-amd64 and is" in done.stderr
    assert vmc("deploy", "n1", "--stale-facts", *state).returncode == 0


# ------------------------------------------------------------------------------------------------------ by ssh


@pytest.fixture
def ssh_port(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """An sshd on the loopback with keys of its own; its port, and the folder of the client's key."""
    if (lacks := missing("sshd")) is not None:
        pytest.skip(lacks)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    shutil.copy(tmp_path / "client.pub", tmp_path / "authorized")
    config = tmp_path / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, tmp_path
    finally:
        server.terminate()
        server.wait()


def test_ssh_tells_what_the_machine_itself_tells(
    ssh_port: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port, folder = ssh_port
    config = folder / "ssh_config"
    config.write_text(
        f"Host n1\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {folder}/client\n"
        f" StrictHostKeyChecking accept-new\n UserKnownHostsFile {folder}/known\n"
    )
    programs = folder / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin:/usr/sbin:/sbin")
    here = tmp_path / "here.json"
    assert main(["facts", "--local", "-o", str(here)]) == 0
    assert main(["facts", "--ssh", "n1", "--check", str(here)]) == 0, capsys.readouterr().out
    assert facts_by("--ssh", "n1").sysctls == facts_by("--local").sysctls
    assert main(["facts", "--ssh", "-oProxyCommand=touch${IFS}/tmp/x"]) in (2, 5)
    assert main(["facts", "--ssh", "absent.invalid"]) == 5
    assert "cannot be looked at" in capsys.readouterr().err
