"""Security labels."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4626, "seclabel-models", phase=Phase.DEFINE, needs="seclabel")
def seclabel_models(vm: Domain) -> Iterator[Finding]:
    """
    What: Two seclabels have the same model, or one of several has none.
    Why: libvirt 9.0.0 refuses it at define (virSecurityLabelDefsParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: seclabel for model selinux is already provided.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          seclabel a { type = dynamic; model = selinux }
          seclabel b { type = none; model = selinux }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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


@rule(4627, "seclabel-contradiction", phase=Phase.DEFINE, needs="seclabel")
def seclabel_contradiction(vm: Domain) -> Iterator[Finding]:
    """
    What: A dynamic label with `relabel = false`, a label of type none with `relabel = true`, or a static one without a label.
    Why: libvirt 9.0.0 refuses it at define (virSecurityLabelDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seclabel { type = dynamic; model = selinux; relabel = false } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seclabel { type = dynamic; model = selinux; relabel = true } }
    """
    for label in vm.seclabel:
        here = ("seclabel", label.label)
        if label.type == "dynamic" and label.relabel is False:
            yield Finding((*here, "relabel"), "a dynamic label is new at each start, so the guest's files must be labelled", instead="true")
        elif label.type == "none" and label.relabel:
            yield Finding((*here, "relabel"), "without a label nothing can be labelled", instead="false")
        elif label.type == "static" and not label.label_:
            yield Finding(here, "a static label needs its text", help="set label")


@rule(4633, "resource-appid", phase=Phase.DEFINE, needs="resource")
def resource_appid(vm: Domain) -> Iterator[Finding]:
    """
    What: `resource.appid` is not from 1 to 128 printable characters.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefResourceValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; resource { appid = "" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; resource { appid = "feed-a" } }
    """
    name = vm.resource.appid if vm.resource is not None else None
    if name is not None and not (1 <= len(name) <= 128 and name.isprintable()):
        yield Finding(("resource", "appid"), f"appid {name!r} is not from 1 to 128 printable characters")
