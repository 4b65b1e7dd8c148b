"""Requests of guests to their host: what agrees, what yields, what is settled by the host, and what is an error."""

from __future__ import annotations

from itertools import permutations

import pytest

from vmspec.base.provenance import Path, Step, StepKind
from vmspec.base.source import Source, Span
from vmspec.lower.fleet import Fleet, HostObject, Object, Vm
from vmspec.lower.hosts import merge_hosts, unplaced
from vmspec.lower.hosttext import kernel_argument, parameter_value, sysctl_value, sysfs_value
from vmspec.model.domain import Domain
from vmspec.model.host import Host, HostRequests, Kernel, Ksm
from vmspec.model.kind import Problem
from vmspec.model.kinds import ObjectKind
from vmspec.model.value import CpuSet, Duration, Size, Symbol, Value

SOURCE = Source("a.vmspec", "abcdefghijklmnopqrstuvwxyz")
AT = {name: Span(SOURCE, n, n + 1) for n, name in enumerate(("a", "b", "c", "host"))}


def trail(origin: str, strength: str) -> tuple[Step, ...]:
    return (Step(StepKind.SET, origin, AT[origin.rpartition(" ")[2]], strength=strength),)


def vm(name: str, wanted: HostRequests, *paths: Path, strength: str = "plain", host: str | None = "n1") -> Vm:
    trails = {("host", *path): trail(f"vm {name}", strength) for path in paths}
    return Object(ObjectKind.VM, name, Domain(host=wanted), AT[name], trails, {}, host=host)


def sysctl(name: str, value: Value, strength: str = "plain", host: str | None = "n1") -> Vm:
    return vm(name, HostRequests(sysctl={"vm.swappiness": value}), ("sysctl", "vm.swappiness"), strength=strength, host=host)


def host(spec: Host | None = None, *paths: Path, strength: str = "plain") -> HostObject:
    return Object(ObjectKind.HOST, "n1", spec or Host(), AT["host"], {path: trail("host", strength) for path in paths}, {})


def merged(on: HostObject, *vms: Vm) -> tuple[Host, list[str]]:
    fleet, found = merge_hosts(Fleet(vms=vms, hosts=(on,)))
    return fleet.hosts[0].spec, [f"{d.code.name}: {d.message}" for d in found]


def test_equal_requests_agree_and_say_from_whom() -> None:
    fleet, found = merge_hosts(Fleet(vms=(sysctl("b", 1), sysctl("a", 1)), hosts=(host(),)))
    assert not found
    assert fleet.hosts[0].spec.sysctl == {"vm.swappiness": 1}
    step = fleet.hosts[0].trails[("sysctl", "vm.swappiness")][-1]
    assert [str(address) for address in step.operands] == ['a:host.sysctl."vm.swappiness"', 'b:host.sysctl."vm.swappiness"']


def test_different_requests_name_both_vms_in_any_order() -> None:
    vms = (sysctl("a", 1), sysctl("b", 60), sysctl("c", 1))
    results = {tuple(merged(host(), *order)[1]) for order in permutations(vms)}
    assert results == {('requests-disagree: "a" and "b" on host "n1" disagree on sysctl."vm.swappiness": 1 and 60',)}


def test_weak_requests_yield() -> None:
    assert merged(host(), sysctl("a", 60, "weak"), sysctl("b", 1)) == (Host(sysctl={"vm.swappiness": 1}), [])


def test_weak_requests_that_differ_are_an_error_too() -> None:
    assert merged(host(), sysctl("a", 60, "weak"), sysctl("b", 1, "weak"))[1] != []


def test_the_hosts_own_settles_plain_requests() -> None:
    own = host(Host(sysctl={"vm.swappiness": 10}), ("sysctl", "vm.swappiness"))
    assert merged(own, sysctl("a", 1), sysctl("b", 60)) == (Host(sysctl={"vm.swappiness": 10}), [])


def test_the_hosts_weak_value_yields() -> None:
    own = host(Host(sysctl={"vm.swappiness": 10}), ("sysctl", "vm.swappiness"), strength="weak")
    assert merged(own, sysctl("a", 1)) == (Host(sysctl={"vm.swappiness": 1}), [])


def test_a_final_request_is_broken_by_nobody() -> None:
    own = host(Host(sysctl={"vm.swappiness": 10}), ("sysctl", "vm.swappiness"))
    assert merged(own, sysctl("a", 1, "final"))[1] == [
        'final-request-broken: host "n1" has sysctl."vm.swappiness" = 10, and "a" demands 1 as final'
    ]
    assert [text.partition(":")[0] for text in merged(host(), sysctl("a", 1, "final"), sysctl("b", 60))[1]] == ["final-request-broken"]
    assert merged(host(), sysctl("a", 1, "final"), sysctl("b", 60, "weak")) == (Host(sysctl={"vm.swappiness": 1}), [])
    assert merged(own, sysctl("a", 10, "final"))[1] == []


def test_union_of_isolated_cpus() -> None:
    def isolates(name: str, cpus: CpuSet) -> Vm:
        value = (Symbol("managed_irq"), Symbol("domain"), cpus)
        return vm(
            name,
            HostRequests(kernel=Kernel(args={"isolcpus": value, "nohz_full": cpus})),
            ("kernel", "args", "isolcpus"),
            ("kernel", "args", "nohz_full"),
        )

    a, b = isolates("a", CpuSet.span(2, 5)), isolates("b", CpuSet.span(6, 7))
    for order in ((a, b), (b, a)):
        spec, found = merged(host(), *order)
        assert found == []
        assert spec.kernel is not None
        assert spec.kernel.args == {"isolcpus": ("managed_irq", "domain", CpuSet.span(2, 7)), "nohz_full": CpuSet.span(2, 7)}


def test_the_most_pages_to_scan_win() -> None:
    vms = [vm(n, HostRequests(ksm=Ksm(pages_to_scan=count)), ("ksm", "pages-to-scan")) for n, count in (("a", 100), ("b", 900), ("c", 500))]
    assert merged(host(), *vms) == (Host(ksm=Ksm(pages_to_scan=900)), [])


def test_requests_without_a_host_warn_once_for_a_fleet() -> None:
    fleet = Fleet(vms=tuple(sysctl(n, 1, host=None) for n in ("a", "b", "c")))
    assert merge_hosts(fleet)[1] == ()
    _, found = merge_hosts(Fleet(vms=fleet.vms, hosts=(host(),)))
    assert [d.message for d in found] == ['"a" and 2 more ask sysctl."vm.swappiness" of the host, and are placed on none']
    assert [(u.vm, dict(u.requests)) for u in unplaced(fleet)] == [(n, {'sysctl."vm.swappiness"': "1"}) for n in ("a", "b", "c")]


def test_a_host_that_is_not_there() -> None:
    assert merged(host(), sysctl("a", 1, host="n9"))[1] == ['placed-on-unknown-host: "a" is placed on "n9", and no such host is there']


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("nosmt", True, "nosmt"),
        ("quiet", False, None),
        ("isolcpus", (Symbol("managed_irq"), Symbol("domain"), CpuSet.of([2, 3, 4, 8])), "isolcpus=managed_irq,domain,2-4,8"),
        ("isolcpus", CpuSet(), None),
        ("isolcpus", (Symbol("domain"), CpuSet()), None),
        ("isolcpus", (), None),
        ("default_hugepagesz", Size(1 << 30), "default_hugepagesz=1G"),
        ("mem", Size((1 << 30) + 1), "mem=1073741825"),
        ("kvm_intel.ple_gap", 0, "kvm_intel.ple_gap=0"),
        ("dyndbg", "file a.c +p", 'dyndbg="file a.c +p"'),
        ("pci", "resource_alignment=20@0;1", 'pci="resource_alignment=20@0;1"'),
    ],
)
def test_kernel_arguments(name: str, value: Value, text: str | None) -> None:
    assert kernel_argument(name, value) == text


@pytest.mark.parametrize("bad", ['a"b', "a'b", "a$b", "a`b", "a\\b", "a\nb", "a\x00", "é", "a\u2028b"])
def test_nothing_breaks_out_of_a_kernel_argument(bad: str) -> None:
    assert isinstance(kernel_argument("x", bad), Problem)
    assert isinstance(parameter_value("kvm.x", bad), Problem)
    assert isinstance(kernel_argument(bad, 1), Problem)


def test_what_the_formats_cannot_hold_is_refused() -> None:
    assert isinstance(sysctl_value("kernel.x", "a\nkernel.panic = 1"), Problem)
    assert isinstance(sysctl_value("kernel.x\n", "1"), Problem)
    assert isinstance(sysctl_value("kernel.x", Duration(10)), Problem)
    assert isinstance(sysctl_value("vm.min_free_kbytes", Size(1024)), Problem), "KiB there, pages elsewhere: no unit of ours fits all"
    assert sysctl_value("net.ipv4.tcp_rmem", (4096, 87380)) == "4096 87380"
    assert sysfs_value("kernel/mm/ksm/run", "50%\\n") == "50%%\\\\n"
    assert isinstance(sysfs_value("../etc/passwd", 1), Problem)
    assert isinstance(sysfs_value("/etc/passwd", 1), Problem)
    assert isinstance(parameter_value("kvm_intel", 1), Problem)


def test_the_merged_host_is_checked_for_what_cannot_be_written() -> None:
    _, found = merged(host(), sysctl("a", "1\n2"))
    assert [text.partition(" cannot ")[0] for text in found] == ['unwritable-host-value: sysctl."vm.swappiness" of host "n1": "1\\n2"']
