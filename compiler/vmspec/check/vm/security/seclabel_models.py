"""Two labels of one driver, or of none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4626, "seclabel-models", phase=Phase.DEFINE)
def seclabel_models(vm: Domain) -> Iterator[Finding]:
    """
    What: Two seclabels have the same model, or one of several has none.
    Why: libvirt 9.0.0 refuses it at define (virSecurityLabelDefsParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: seclabel for model selinux is already provided.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          seclabel a { type = dynamic; model = selinux }
          seclabel b { type = none; model = selinux }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          seclabel a { type = dynamic; model = selinux }
          seclabel b { type = none; model = dac }
        }
    """
    seen: dict[str, str] = {}
    for label in vm.seclabel:
        if len(vm.seclabel) > 1 and not label.model:
            yield Finding(("seclabel", label.label), "with several labels each names its security driver", help="set model")
        elif label.model:
            first = seen.setdefault(str(label.model), label.label)
            if first != label.label:
                yield Finding(
                    ("seclabel", label.label, "model"),
                    f"there is a label for {label.model} already",
                    labels=((("seclabel", first), "the first"),),
                )
