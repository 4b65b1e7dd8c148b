"""All rules there are: the subjects of a VM, and the rules on hosts and fleets."""

from __future__ import annotations

from vmspec.check.rule import Rule
from vmspec.check.subject import Subject

# Packages below check/vm, and the feature of the VM that their rules are about.
_VM = {
    "identity": "", "cpu": "cpu", "vcpus": "", "memory": "", "module": "memory_device", "numa": "", "disk": "disk",
    "interface": "interface", "hostdev": "hostdev", "pci": "", "controller": "controller", "usb": "", "firmware": "", "tpm": "tpm",
    "security": "", "features": "", "hyperv": "hyperv", "clock": "", "chardev": "", "graphics": "graphics", "video": "video",
    "displays": "", "shmem": "shmem", "filesystem": "filesystem", "iommu": "iommu", "input": "input", "devices": "", "migration": "",
    "seed": "seed",
}  # fmt: skip
VM = (
    *(Subject(f"vmspec.check.vm.{package}", block) for package, block in _VM.items()),
    # What many blocks of one kind are together.
    Subject("vmspec.check.vm.disk", table="VM_TOPICS"),
    Subject("vmspec.check.vm.interface", table="VM_TOPICS"),
)
PLAIN = Subject("vmspec.check.foreign")
"""Rules that have something to say on imported definitions only (`resolve = false`)."""
HOST = Subject("vmspec.check.host")
FLEET = Subject("vmspec.check.fleet")


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by number. Imports them all: for the documents and the tests."""
    rules = (rule for subject in (*VM, PLAIN, HOST, FLEET) for rule in subject.all())
    return tuple(sorted(rules, key=lambda rule: rule.code.number))
