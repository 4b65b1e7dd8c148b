"""An expander of a cell that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4510, "expander-node", phase=Phase.DEFINE)
def expander_node(vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI expander names a NUMA cell that the guest does not have, or the root names one.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c; virDomainControllerDefValidate,
    src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller x { model = pcie-expander-bus; type = pci; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200; node = 1 } }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB }
          controller x { model = pcie-expander-bus; type = pci; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200; node = 0 } }
        }
    """
    for controller in vm.controller:
        target = controller.target
        if controller.type != "pci" or target is None or target.node is None:
            continue
        here = ("controller", controller.label, "target", "node")
        if controller.index == 0:
            yield Finding(here, "the PCI root belongs to no cell")
        elif (count := cell_count(vm)) is not None and target.node >= count:
            yield Finding(here, f"cell {target.node} does not exist: the guest has {count or 'none'}")
