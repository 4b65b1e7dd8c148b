"""A label that is chosen and not applied."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4627, "seclabel-contradiction", phase=Phase.DEFINE)
def seclabel_contradiction(vm: Domain) -> Iterator[Finding]:
    """
    What: A dynamic label with `relabel = false`, a label of type none with `relabel = true`, or a static one without a label.
    Why: libvirt 9.0.0 refuses it at define (virSecurityLabelDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          seclabel { type = dynamic; model = selinux; relabel = false }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          seclabel { type = dynamic; model = selinux; relabel = true }
        }
    """
    for label in vm.seclabel:
        here = ("seclabel", label.label)
        if label.type == "dynamic" and label.relabel is False:
            yield Finding((*here, "relabel"), "a dynamic label is new at each start, so the guest's files must be labelled", instead="true")
        elif label.type == "none" and label.relabel:
            yield Finding((*here, "relabel"), "without a label nothing can be labelled", instead="false")
        elif label.type == "static" and not label.label_:
            yield Finding(here, "a static label needs its text", help="set label")
