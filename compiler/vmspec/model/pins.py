"""Kinds of value that say where vCPUs run, and which CPUs of a host share a core."""

from __future__ import annotations

from vmspec.model.kind import CPUS, Kind, Problem, Text, parse_cpus
from vmspec.model.value import CpuSet, Pins, Symbol, Value


class PinsOf(Kind):
    """A cpuset, whose CPUs are dealt out to the vCPUs, or a list with the CPUs of each vCPU in turn. It has no place in XML."""

    noun = "a cpuset such as 2-5, or a list with an item for each vCPU such as [2, 10, 3, 11]"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, Pins):
            return value
        if not isinstance(value, tuple):
            return _cpus(value, self.noun)
        items: list[CpuSet] = []
        for each in value:
            item = CPUS.read(each)
            if isinstance(item, Problem):
                return Problem(f"has an item that {item.message}")
            assert isinstance(item, CpuSet)
            items.append(item)
        return Pins.each(items)

    def to_xml(self, value: Value) -> Text:
        return Text("".join(f"{item};" for item in value.order) if isinstance(value, Pins) else str(value))

    def from_xml(self, text: Text) -> Value | None:
        if not text.text.endswith(";"):
            return parse_cpus(text.text)
        items = [parse_cpus(part) for part in text.text.split(";")[:-1]]
        return Pins.each(item for item in items if item is not None)


def _cpus(value: Value, noun: str) -> Value | Problem:
    read = CPUS.read(value)
    return Problem(f"is not {noun}", read.instead) if isinstance(read, Problem) and CPUS.noun in read.message else read


class CpuGroups(Kind):
    """Groups of CPUs: a list of cpusets, or of texts as the kernel writes them (`"0,32"`, thread_siblings_list below /sys)."""

    noun = 'a list of groups of CPUs such as ["0,32", "1,33"]'

    def read(self, value: Value) -> Value | Problem:
        if not isinstance(value, tuple):
            return Problem(f"is not {self.noun}")
        groups: list[CpuSet] = []
        for each in value:
            group = parse_cpus(each) if isinstance(each, str) and not isinstance(each, Symbol) else CPUS.read(each)
            if not isinstance(group, CpuSet) or not group:
                return Problem(f"is not {self.noun}")
            if any(group & other for other in groups):
                return Problem(f"has CPU {next(iter(group))} in two groups, and a CPU is in one core")
            groups.append(group)
        return tuple(groups)

    def to_xml(self, value: Value) -> Text:
        return Text(" ".join(map(str, value)) if isinstance(value, tuple) else "")

    def from_xml(self, text: Text) -> Value | None:
        read = self.read(tuple(text.text.split()))
        return None if isinstance(read, Problem) else read


PINS = PinsOf()
GROUPS = CpuGroups()
