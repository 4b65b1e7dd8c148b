"""Where a setting of a host or a guest comes from: its line, its path in the language, and the guests that it is for."""

from vmspec.base.provenance import show_path, span_of
from vmspec.base.record import record
from vmspec.base.source import position
from vmspec.deploy.probes.probe import ProbedSetting
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import HostObject
from vmspec.report.terminal import safe


@record(frozen=True, slots=True)
class SettingOrigin:
    file: str | None
    line: int | None
    guests: tuple[str, ...]


def setting_origin(each: ProbedSetting, host: HostObject, compilation: Compilation) -> SettingOrigin:
    guest = each.probe.guest
    owner = host if guest is None else next(vm for vm in compilation.fleet.vms if vm.name == guest)
    paths = each.probe.paths
    trails = [owner.trails.get(path, ()) for path in paths]
    span = next((found for trail in trails if (found := span_of(trail)) is not None), None)
    if span is None and paths and guest is not None:
        span = owner.where(paths[0])
    named = (operand.object for trail in trails for step in trail for operand in step.operands if operand.object != host.name)
    guests = (guest,) if guest is not None else tuple(dict.fromkeys(named))
    if span is None:
        return SettingOrigin(None, None, guests)
    return SettingOrigin(compilation.name(span.source), position(span.source, span.start).line, guests)


def setting_place(each: ProbedSetting, host: HostObject, compilation: Compilation) -> str:
    """` (sysctl."vm.swappiness" at a.vmspec:4, for a, b)`."""
    if not each.path:
        return ""
    origin = setting_origin(each, host, compilation)
    at = f" at {origin.file}:{origin.line}" if origin.file is not None else ""
    return safe(f" ({show_path(each.path)}{at}" + (f", for {', '.join(origin.guests)}" if origin.guests else "") + ")")


def setting_line(each: ProbedSetting, host: HostObject, compilation: Compilation) -> str:
    """`vm.swappiness: meant 1, is 60 (…)`."""
    place = setting_place(each, host, compilation)
    return safe(f"{each.what}: meant {each.meant}, {'nothing tells' if each.found is None else f'is {each.found}'}") + place


def plain_setting(each: ProbedSetting, host: HostObject, compilation: Compilation) -> dict[str, object]:
    """For JSON."""
    origin = setting_origin(each, host, compilation)
    return {
        "path": show_path(each.path),
        "what": each.what,
        "meant": each.meant,
        "found": each.found,
        "state": each.state.value,
        "guests": list(origin.guests),
        "where": None if origin.file is None else {"file": origin.file, "line": origin.line},
    }
