"""The rules against libvirt's own corpus: no error on what libvirt accepts, and what it refuses is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.corpus.suite import ArgvTest, Expected, corpus
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.source import Source, Span
from vmspec.check.run import Checker
from vmspec.importing.domain import read_domain
from vmspec.lower.fleet import Object
from vmspec.model.kinds import ObjectKind
from vmspec.model.target import Software

pytestmark = pytest.mark.needs("corpus")

BINARY = re.compile(
    r"not supported by this (version of )?QEMU|not supported (by|with) (this|the) QEMU binary|this QEMU (binary )?(does not|doesn't|lacks)"
    r"|not supported by hypervisor|is not supported by this|Emulator '[^']*' does not support|cannot determine default|doesn't support"
    r"|setting ACPI S4|not supported with this QEMU|IOThreads not supported for this QEMU|zPCI|^the CPU is incompatible"
    r"|TPM version|hugetlbfs mount|Mock:|overflowed|CPU features not supported|unknown CPU feature|no model provided"
)
"""Refusals that come from the QEMU or the host at hand: a definition cannot show them."""
MADE_UP = {
    # Under made-up capabilities without QEMU_CAPS_QUERY_HOTPLUGGABLE_CPUS, which every QEMU since 2.7 has; the real driver refuses both.
    "fd-memory-numa-topology2",
    "fd-memory-numa-topology3",
    # Under QEMU_CAPS_DEVICE_IVSHMEM, a device that no QEMU has any more; the real driver refuses it.
    "shmem",
}

OURS = Software(libvirt=(9, 0, 0))
"""The source that apt has here is no older, and what newer ones take besides hangs on their tests (tests/real/test_newer.py)."""


@cache
def found_in(path: Path) -> tuple[Diagnostic, ...]:
    data = path.read_bytes()
    source = Source(path.name, data.decode("utf-8", "replace"))
    read = read_domain(data, source)
    vm = Object(ObjectKind.VM, str(read.domain.name), read.domain, Span(source, 0, 0), {}, read.spans, resolve=False)
    return tuple(Checker(lambda _: OURS).vm(vm))


def errors_in(path: Path) -> list[Diagnostic]:
    return [d for d in found_in(path) if d.severity is Severity.ERROR]


def by_input(expected: Iterable[Expected]) -> dict[Path, list[ArgvTest]]:
    wanted = set(expected)
    groups: dict[Path, list[ArgvTest]] = {}
    for test in corpus().argv_tests:
        if test.input.exists():
            groups.setdefault(test.input, []).append(test)
    return {path: tests for path, tests in groups.items() if all(t.expected in wanted for t in tests)}


def test_no_error_on_what_libvirt_accepts() -> None:
    accepted = {t.input for t in corpus().argv_tests if t.expected is Expected.SUCCESS and t.input.exists() and t.name not in MADE_UP}
    wrong = [f"{path.name}: {d.code} {d.message}" for path in sorted(accepted) for d in errors_in(path)]
    assert len(accepted) > 700
    assert wrong == []


def test_what_the_parser_refuses_is_refused() -> None:
    inputs = by_input([Expected.PARSE_ERROR])
    refused = {path: tests[0].error for path, tests in inputs.items() if not any(BINARY.search(t.error or "") for t in tests)}
    missed = [f"{path.stem}: {error}" for path, error in sorted(refused.items()) if not errors_in(path)]
    rate = 1 - len(missed) / len(refused)
    print(f"{len(refused) - len(missed)} of {len(refused)} refused ({rate:.1%})", *missed, sep="\n")
    assert len(refused) > 100
    assert rate >= 0.9
