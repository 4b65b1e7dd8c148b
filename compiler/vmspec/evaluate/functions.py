"""The built-in functions: pure, with every argument checked and results of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeAlias

from vmspec.base.record import record
from vmspec.evaluate import codes
from vmspec.evaluate.opaque import holds_secret
from vmspec.evaluate.operators import bounded, describe, keys_of, limited, plain_int, text_order
from vmspec.evaluate.session import MAX_STRING, ErrorValue, Frame, Session, ValueOrError
from vmspec.model.show import show
from vmspec.model.target import is_older
from vmspec.model.value import MAX_CPU, CpuSet, ObjectRef, Quantity, Repeated, Symbol, Value
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class FunctionCall:
    """A call with its evaluated positional arguments."""

    node: tree.Call
    arguments: tuple[Value, ...]
    frame: Frame
    session: Session

    def wrong(self, message: str) -> ValueOrError:
        return self.session.say(codes.BAD_ARGUMENT, f"{self.node.function.dotted}() {message}", self.node.span)


Function: TypeAlias = Callable[[FunctionCall], ValueOrError]


def count(call: FunctionCall) -> ValueOrError:
    """`count(0-3)` is 4: the members of a cpuset, list, map, or the characters of a text."""
    match call.arguments:
        case (CpuSet() | tuple() | str() | Mapping() as value,):
            return len(value)
        case (int() as value,) if plain_int(value):
            return 1
    return call.wrong("takes one cpuset, list, map or text; the parts of a cpuset are joined by `|` here")


def disjoint(call: FunctionCall) -> ValueOrError:
    """Whether no two of its cpusets (or lists) share a member."""
    seen = CpuSet()
    for value in call.arguments:
        cpus = as_cpus(value)
        if cpus is None:
            return call.wrong(f"takes cpusets, and this is {describe(value)}")
        if seen & cpus:
            return False
        seen |= cpus
    return True


def as_cpus(value: Value) -> CpuSet | None:
    if isinstance(value, CpuSet):
        return value
    return CpuSet(1 << value) if isinstance(value, int) and plain_int(value) and 0 <= value < MAX_CPU else None


def range_(call: FunctionCall) -> ValueOrError:
    """`range(4)` is [0, 1, 2, 3]; `range(1, 4)` is [1, 2, 3]."""
    if not 1 <= len(call.arguments) <= 2 or not all(plain_int(a) for a in call.arguments):
        return call.wrong("takes one or two whole numbers")
    numbers = [int(a) for a in call.arguments if isinstance(a, int)]
    first, end = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    if end - first > 100_000:
        call.session.exhausted(f"range() of {end - first:,} items", call.node.span)
    return tuple(range(first, end))


def join(call: FunctionCall) -> ValueOrError:
    """`join(",", [a, b])` is "a,b"."""
    match call.arguments:
        case (str() as separator, tuple() | CpuSet() as items):
            shown: list[str] = []
            for item in items:
                if holds_secret(item):
                    return call.session.say(codes.SECRET, "a secret cannot stand inside a string", call.node.span)
                shown.append(str(item) if isinstance(item, str) else show(item))
            text = str(separator).join(shown)
            if len(text) > MAX_STRING:
                call.session.exhausted(f"a string grows beyond {MAX_STRING >> 20} MiB", call.node.span)
            return text
    return call.wrong("takes a separator and a list")


def split(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (str() as separator, str() as text) if separator:
            return limited(tuple(str(text).split(str(separator))), call.node.span, call.session)
    return call.wrong("takes a separator and a text")


def _extreme(choose: Callable[[list[int]], int]) -> Function:
    def function(call: FunctionCall) -> ValueOrError:
        values = call.arguments
        if len(values) == 1 and isinstance(values[0], (tuple, CpuSet)):
            values = tuple(values[0])
        numbers = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
        if not numbers or len(numbers) != len(values) or len({type(n) for n in numbers}) > 1:
            return call.wrong("takes numbers of one dimension, or a list of them")
        return bounded(type(numbers[0])(choose([int(n) for n in numbers])), call.node.span, call.session)

    return function


def keys(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (Mapping() as entries,):
            return tuple(Symbol(k) for k in entries)
    return call.wrong("takes a map")


def values(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (Mapping() as entries,):
            return tuple(entries.values())
    return call.wrong("takes a map")


def sort(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (tuple() as items,) if all(isinstance(i, str) for i in items):
            return tuple(sorted(items, key=lambda i: text_order(str(i))))
        case (tuple() as items,) if len({type(i) for i in items}) <= 1:
            numbers = [i for i in items if isinstance(i, int)]
            if len(numbers) == len(items):
                return tuple(sorted(numbers))
    return call.wrong("takes a list of texts or of numbers of one dimension")


def unique(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (tuple() as items,) if holds_secret(items):
            return call.session.say(codes.SECRET, "secrets cannot be compared", call.node.span)
        case (tuple() as items,):
            kept: dict[Hashable, Value] = {}
            for key, item in zip(keys_of(items, call.node.span, call.session), items, strict=True):
                kept.setdefault(key, item)
            return tuple(kept.values())
    return call.wrong("takes a list")


def flatten(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (tuple() as items,) if all(isinstance(i, tuple) for i in items):
            return limited(tuple(x for i in items if isinstance(i, tuple) for x in i), call.node.span, call.session)
    return call.wrong("takes a list of lists")


def cpuset(call: FunctionCall) -> ValueOrError:
    """`cpuset([2, 4])`: a cpuset of a list of numbers and cpusets, or of pins."""
    match call.arguments:
        case (CpuSet() as known,):
            return CpuSet(known.bits)
        case (tuple() as items,):
            total = CpuSet()
            for item in items:
                cpus = as_cpus(item)
                if cpus is None:
                    return call.wrong(f"takes CPU numbers, and this is {describe(item)}")
                total |= cpus
            return total
    return call.wrong("takes a list of CPU numbers")


def cpus(call: FunctionCall) -> ValueOrError:
    """`cpus(2-5)` is [2, 3, 4, 5]: a cpuset as a list of its numbers."""
    found = as_cpus(call.arguments[0]) if len(call.arguments) == 1 else None
    return tuple(found) if found is not None else call.wrong("takes a cpuset")


def _text(change: Callable[[str], str]) -> Function:
    def function(call: FunctionCall) -> ValueOrError:
        match call.arguments:
            case (str() as text,):
                return change(str(text))
        return call.wrong("takes a text")

    return function


def replace(call: FunctionCall) -> ValueOrError:
    """`replace("a.b", ".", "-")` is "a-b"."""
    match call.arguments:
        case (str() as text, str() as old, str() as new) if old:
            if len(text) * max(1, len(new)) > MAX_STRING:
                call.session.exhausted(f"a string grows beyond {MAX_STRING >> 20} MiB", call.node.span)
            return str(text).replace(str(old), str(new))
    return call.wrong("takes a text, what to replace and what to put there")


def starts_with(call: FunctionCall) -> ValueOrError:
    match call.arguments:
        case (str() as text, str() as prefix):
            return str(text).startswith(str(prefix))
    return call.wrong("takes a text and its beginning")


def before(call: FunctionCall) -> ValueOrError:
    """`before("6.1.0-18-amd64", "6.12")`: whether a version is older than another, number by number."""
    match call.arguments:
        case (str() as one, str() as other) if (older := is_older(one, other)) is not None:
            return older
    return call.wrong('takes two versions, such as "6.12"')


def text(call: FunctionCall) -> ValueOrError:
    """Any value but a secret as a text."""
    match call.arguments:
        case (value,) if holds_secret(value):
            return call.session.say(codes.SECRET, "a secret cannot be printed", call.node.span)
        case (str() as value,):
            return str(value)
        case (value,):
            return show(value)
    return call.wrong("takes one value")


def _divide(index: int) -> Function:
    def function(call: FunctionCall) -> ValueOrError:
        match call.arguments:
            case (int() as left, int() as right) if not isinstance(left, bool) and not isinstance(right, bool):
                if right == 0:
                    return call.session.say(codes.DIVISION, f"{show(left)} is divided by zero", call.node.span)
                if isinstance(right, Quantity) and type(left) is not type(right):
                    return call.wrong("takes numbers of one dimension, or a quantity and a number")
                result = divmod(int(left), int(right))[index]
                keeps = isinstance(left, Quantity) and (index == 1 or not isinstance(right, Quantity))
                return type(left)(result) if keeps else result
        return call.wrong("takes two numbers")

    return function


def siblings(call: FunctionCall) -> ValueOrError:
    """The CPUs that share a core with any of these, themselves included; from the facts of the VM's host."""
    found = as_cpus(call.arguments[0]) if len(call.arguments) == 1 else None
    if found is None:
        return call.wrong("takes a cpuset")
    topology = _topology(call)
    if isinstance(topology, ErrorValue):
        return topology
    groups = topology.get("siblings")
    if not isinstance(groups, tuple):
        return call.session.say(codes.NEEDS_FACTS, "siblings() needs the facts of the host that this VM is placed on", call.node.span)
    total = found
    for group in groups:
        members = as_cpus(group)
        if members is not None and members & found:
            total |= members
    return total


def numa_of(call: FunctionCall) -> ValueOrError:
    """The NUMA nodes that these CPUs lie on; from the `numa` blocks or the facts of the VM's host."""
    found = as_cpus(call.arguments[0]) if len(call.arguments) == 1 else None
    if found is None:
        return call.wrong("takes a cpuset")
    topology = _topology(call)
    if isinstance(topology, ErrorValue):
        return topology
    nodes = topology.get("nodes")
    if not isinstance(nodes, Mapping):
        return call.session.say(
            codes.NEEDS_FACTS, "numa_of() needs the `numa` blocks or facts of the host that this VM is placed on", call.node.span
        )
    return CpuSet.of(int(node) for node, members in nodes.items() if isinstance(members, CpuSet) and members & found)


def near(call: FunctionCall) -> ValueOrError:
    """Those of the first CPUs that are on the nodes of the second; all of the first where there are none, or the nodes are not known."""
    sets = [as_cpus(argument) for argument in call.arguments]
    if len(sets) != 2 or sets[0] is None or sets[1] is None:
        return call.wrong("takes two cpusets: which CPUs, and near to which")
    some, those = sets[0], sets[1]
    topology = _topology(call)
    if isinstance(topology, ErrorValue):
        return topology
    nodes = topology.get("nodes")
    members = [m for m in nodes.values() if isinstance(m, CpuSet) and m & those] if isinstance(nodes, Mapping) else []
    return some & CpuSet().union(members) or some


def _topology(call: FunctionCall) -> Mapping[str, Value] | ErrorValue:
    binding = call.frame.find("host")
    host = binding.value if binding is not None else None
    if isinstance(host, ErrorValue):
        return host
    topology = host.get("topology") if isinstance(host, Mapping) else None
    return topology if isinstance(topology, Mapping) else {}


def repeated(call: FunctionCall) -> ValueOrError:
    """Several values of one kernel argument, which stands there once for each: `console = repeated(tty0, "ttyS0,115200n8")`."""
    return Repeated(call.arguments) if call.arguments else call.wrong("takes the values, one or more")


def hosts(call: FunctionCall) -> ValueOrError:
    """`hosts(nfv, ssd)`: the hosts of the program that have all of these tags; without any, all hosts."""
    has = {name: host.get("tags") if isinstance(host, Mapping) else () for name, host in call.session.hosts.items()}
    found = tuple(
        ObjectRef("host", name) for name, tags in has.items() if isinstance(tags, tuple) and all(tag in tags for tag in call.arguments)
    )
    return found or call.wrong(f"finds no host with {' and '.join(map(describe, call.arguments)) or 'or without tags'}")


FUNCTIONS: Mapping[str, Function] = {
    "hosts": hosts,
    "count": count,
    "len": count,
    "disjoint": disjoint,
    "siblings": siblings,
    "numa_of": numa_of,
    "near": near,
    "range": range_,
    "repeated": repeated,
    "join": join,
    "split": split,
    "min": _extreme(min),
    "max": _extreme(max),
    "sum": _extreme(sum),
    "keys": keys,
    "values": values,
    "sort": sort,
    "unique": unique,
    "flatten": flatten,
    "cpuset": cpuset,
    "cpus": cpus,
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "trim": _text(str.strip),
    "replace": replace,
    "starts-with": starts_with,
    "before": before,
    "text": text,
    "div": _divide(0),
    "mod": _divide(1),
}
