"""Names and values that the host's kernel knows: arguments, sysctls, parameters of modules, switches below /sys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, show_path
from vmspec.base.suggest import question
from vmspec.check.queries.kernel_values import SYSFS, refused_argument, refused_parameter, refused_switch, refused_sysctl
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.lower.hosttext import WRITERS, sysfs_path
from vmspec.model.facts import HostFacts
from vmspec.model.kernel_names import USER_SPACE, begun, kernel_names, slip
from vmspec.model.value import Value

ARGS, SYSCTL, MODPROBE, SWITCH = ("kernel", "args"), ("sysctl",), ("modprobe",), ("sysfs",)
NOTHING = HostFacts()
_SERIES = re.compile(r"([0-9]+\.[0-9]+)\b")
_PARAMETER = re.compile(r"/sys/module/([^/]+)/parameters/([^/]+)")


@rule(5047, "kernel-name-misspelt", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="kernel sysctl modprobe sysfs")
def kernel_name_misspelt(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A kernel argument, sysctl, parameter of a module or switch below /sys is a letter away from one that the kernel knows, and is none
        itself. Known are the names of Debian's kernels 6.1 and 6.12, and those in the host's facts.
    Why: The kernel passes an argument that it does not know on to init, and ignores a parameter that a module does not have; systemd skips
        a sysctl and a path that are not there. One line in the log is all (seen on Linux 6.1: "Unknown kernel command line parameters").
    Example:
        host n1 { sysctl { vm.swapiness = 1 } }
    Instead:
        host n1 { sysctl { vm.swappiness = 1 } }
    """
    facts = fleet.facts.get(host.name, NOTHING)
    for path, name, _ in _settings(host):
        meant = _meant(path, name, facts)
        if meant is not None:
            yield Finding(path, f"{host.name} sets {_said(path)}, which no kernel knows", help=question(meant))


@rule(5048, "kernel-name-of-other-version", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="kernel sysctl modprobe")
def kernel_name_of_other_version(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A host sets a kernel argument, a sysctl or a parameter of a module that its kernel (`kernel-version`, or its facts) does not have,
        and another version has.
    Why: It has no effect there, and nothing fails. The versions that are known are Debian's 6.1 and 6.12.
    Example:
        host n1 { kernel-version = "6.1.0-18-amd64"; modprobe { kvm_amd.debug_swap = 1 } }
    Instead:
        host n1 { kernel-version = "6.12.48"; modprobe { kvm_amd.debug_swap = 1 } }
    """
    facts = fleet.facts.get(host.name, NOTHING)
    series = _SERIES.match(host.spec.kernel_version or "")
    names = kernel_names()
    if series is None or series[1] not in names.versions:
        return
    for path, name, _ in _settings(host):
        versions = _versions(path, name)
        if versions and series[1] not in versions and not _in_facts(path, name, facts):
            with_it = " and ".join(sorted(versions))
            yield Finding(
                path,
                f"{host.name} sets {_said(path)}, which Linux {series[1]} does not have and {with_it} has",
                labels=((("kernel-version",), "its kernel"),),
            )


@rule(5049, "kernel-value-refused", phase=Phase.START, needs="kernel sysctl modprobe sysfs")
def kernel_value_refused(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A kernel argument, a sysctl, a parameter of a module or a switch below /sys has a value that the kernel does not take.
    Why: A module with a bad value of a parameter does not load at all, so that no guest starts (seen on Linux 6.1 with
        kvm.nx_huge_pages=bogus: "invalid parameter"); an argument, a sysctl and a switch stay as they are.
    Example:
        host n1 { modprobe { kvm.nx_huge_pages = bogus } }
    Instead:
        host n1 { modprobe { kvm.nx_huge_pages = auto } }
    """
    facts = fleet.facts.get(host.name, NOTHING)
    for path, name, value in _settings(host):
        text = _text(path, value)
        why = _refused(path, name, text, facts) if text is not None else None
        if why is not None:
            yield Finding(path, f"{host.name} has {_said(path)} = {text}, and the kernel does not take that: {why}")


# ----------------------------------------------------------------------------------------------------- settings


def _settings(host: HostObject) -> Iterator[tuple[Path, str, Value]]:
    """Each with its path and the name as the kernel spells it. Dashes and underscores are one in arguments and modules (parameq,
    kernel/params.c of Linux 6.12), and dots and slashes part the names of sysctls (sysctl.d(5))."""
    kernel = host.spec.kernel
    for name, value in (kernel.args if kernel is not None else {}).items():
        yield (*ARGS, name), name.replace("-", "_"), value
    for name, value in host.spec.sysctl.items():
        yield (*SYSCTL, name), name.replace("/", ".") if "/" in name.partition(".")[0] else name, value
    for name, value in host.spec.modprobe.items():
        yield (*MODPROBE, name), name.replace("-", "_"), value
    for name, value in host.spec.sysfs.items():
        yield (*SWITCH, name), sysfs_path(name) or name, value


def _said(path: Path) -> str:
    return show_path(path)


def _text(path: Path, value: Value) -> str | None:
    """The value as it is written, without its name and quotes."""
    text = WRITERS[path[:-1]](path[-1], value)
    if not isinstance(text, str) or (path[:2] == ARGS and "=" not in text):
        return None
    return (text.partition("=")[2] if path[:2] == ARGS else text).strip('"')


# -------------------------------------------------------------------------------------------------------- names


def _meant(path: Path, name: str, facts: HostFacts) -> str | None:
    """The name that was meant; None where this one is known or nothing is near."""
    names = kernel_names()
    if path[:2] == ARGS:
        if "." not in name:
            return None if name in names.args or _is_user_space(name) else slip(name, names.args)
        return None if _is_user_space(name) or name in names.args else _meant_parameter(name, facts)
    if path[:1] == SYSCTL:
        known = {*names.sysctls, *facts.sysctls}
        return None if name in known else slip(name, known) or begun(name, known)
    if path[:1] == MODPROBE:
        return _meant_parameter(name, facts)
    if (parameter := _PARAMETER.fullmatch(name)) is not None:
        meant = _meant_parameter(f"{parameter[1]}.{parameter[2]}", facts)
        return None if meant is None else "/sys/module/{}/parameters/{}".format(*meant.split("."))
    return None if name in SYSFS else slip(name, SYSFS)


def _meant_parameter(name: str, facts: HostFacts) -> str | None:
    """Of `module.parameter`. A parameter that a module of the same family has is meant for that one."""
    module, _, parameter = name.partition(".")
    modules = _modules(facts)
    if module not in modules:
        near = slip(module, (each for each, known in modules.items() if parameter in known))
        return f"{near}.{parameter}" if near is not None else None
    if parameter in modules[module]:
        return None
    near = slip(parameter, modules[module])
    if near is not None:
        return f"{module}.{near}"
    family = [each for each, known in modules.items() if each.partition("_")[0] == module.partition("_")[0] and parameter in known]
    return f"{family[0]}.{parameter}" if len(family) == 1 else None


def _modules(facts: HostFacts) -> Mapping[str, Mapping[str, object]]:
    known = kernel_names().modules
    if not facts.parameters:
        return known
    return {module: {**known.get(module, {}), **facts.parameters.get(module, {})} for module in (*known, *facts.parameters)}


def _is_user_space(name: str) -> bool:
    return any(name == each or (each.endswith(".") and name.startswith(each)) for each in USER_SPACE)


def _versions(path: Path, name: str) -> frozenset[str]:
    """Those of the table that have it."""
    names = kernel_names()
    if path[:1] == SYSCTL:
        return names.sysctls.get(name, frozenset())
    if path[:2] == ARGS and name in names.args:
        return names.args[name]
    module, _, parameter = name.partition(".")
    return names.module_versions.get((module, parameter), frozenset())


def _in_facts(path: Path, name: str, facts: HostFacts) -> bool:
    module, _, parameter = name.partition(".")
    return name in facts.sysctls if path[:1] == SYSCTL else parameter in facts.parameters.get(module, {})


# ------------------------------------------------------------------------------------------------------- values


def _refused(path: Path, name: str, text: str, facts: HostFacts) -> str | None:
    if path[:1] == SYSCTL:
        return refused_sysctl(name, text)
    if path[:1] == SWITCH:
        return refused_switch(name, text)
    module, _, parameter = name.partition(".")
    if path[:2] == ARGS and (not parameter or name in kernel_names().args):
        return refused_argument(name, text)
    told = facts.parameters.get(module, {}).get(parameter)
    types = {told} if told else kernel_names().modules.get(module, {}).get(parameter, frozenset())
    return refused_argument(name, text) or refused_parameter(name, tuple(sorted(types)), text)
