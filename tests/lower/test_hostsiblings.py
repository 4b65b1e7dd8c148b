"""With `thread-policy = isolate` the second threads of a guest's cores leave the scheduler too."""

from __future__ import annotations

from pathlib import Path

from vmspec.driver.compilation import Compilation

HOST = """
host n { os = debian; numa 0 { cpus = 0-7; memory = 64GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"]; reserve { cpus = 0,4 } }
vm a extends std.low-latency {
  place = host(n)
  cpu { count = 2; pin = 1,2; POLICY }
  emulator.pin = 0
  memory.size = 4GiB
  disk vda { source = block("/dev/vg0/a") }
}
"""


def arguments(folder: Path, policy: str) -> str:
    (folder / "a.vmspec").write_text(HOST.replace("POLICY", policy))
    made = Compilation([folder / "a.vmspec"])
    return next(a.data.decode() for a in made.artifacts() if a.path.endswith("/cmdline"))


def test_whole_cores_are_isolated(tmp_path: Path) -> None:
    line = arguments(tmp_path, "thread-policy = isolate")
    assert "isolcpus=managed_irq,domain,1-2,5-6 " in line
    assert "nohz_full=1-2,5-6 " in line and "rcu_nocbs=1-2,5-6 " in line
    assert "isolcpus=managed_irq,domain,1-2 " in arguments(tmp_path, "")
