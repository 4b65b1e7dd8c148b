"""A title of several lines."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4904, "title-newline", phase=Phase.DEFINE)
def title_newline(vm: Domain) -> Iterator[Finding]:
    """
    What: The title has a line break.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          title = "a\\nb"
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          title = "a b"
        }
    """
    if vm.title and "\n" in vm.title:
        yield Finding(("title",), "the title has a line break", help="use description")
