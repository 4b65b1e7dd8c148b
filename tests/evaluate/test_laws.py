"""Laws of the merge, on generated programs: C3 is Python's MRO, chains are associative, equal values never conflict."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.amount import amount
from vmspec.base.diagnostic import Diagnostic
from vmspec.evaluate.evaluate import evaluate
from vmspec.evaluate.evaluated import Evaluated
from vmspec.evaluate.merge.mro import Blocked, c3
from vmspec.model.show import show
from vmspec.resolve.loader import Loader
from vmspec.resolve.resolve import resolve

HIERARCHIES = st.integers(1, 7).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, max(0, i - 1)), unique=True, max_size=3) for i in range(n)])
)
STATEMENTS = st.sampled_from(
    ["cpu.count = 2", "cpu.count ?= 4", "tags += [a]", "tags = [b]", "tags += [c]", 'title = "t"', "memory.size ?= 1GiB",
     "disk vda { cache = none }", 'disk "*" { io = native }', "disk vda { cache ?= writeback }"]
)  # fmt: skip
BODIES = st.lists(st.lists(STATEMENTS, max_size=4, unique=True), min_size=1, max_size=5)


def compile_text(text: str) -> tuple[Evaluated, tuple[Diagnostic, ...]]:
    path = Path("/nowhere/main.vmspec")
    program, found = resolve((path,), Loader(path.parent, {path: text}))
    assert not found, found
    return evaluate(program)


def values(settled: Evaluated, name: str) -> dict[str, str]:
    found = next(o for o in settled.objects if o.name == name)
    return {".".join(p): show(v.value) for p, v in found.values.items()}


@given(HIERARCHIES)
def test_linearisation_is_pythons(hierarchy: tuple[list[int], ...]) -> None:
    """The later parent is the stronger, so that Python is given the parents in reverse."""
    classes: list[type | None] = []
    orders: list[list[int] | None] = []
    for i, parents in enumerate(hierarchy):
        known = [p for p in parents if p < i]
        bases = [classes[p] for p in reversed(known)]
        mine = [orders[p] for p in reversed(known)]
        if any(b is None for b in bases):
            classes.append(None)
            orders.append(None)
            continue
        try:
            made: type | None = type(f"C{i}", tuple(b for b in bases if b is not None), {"number": i})
        except TypeError:
            made = None
        merged = c3([*(o for o in mine if o is not None), list(reversed(known))])
        assert isinstance(merged, Blocked) == (made is None)
        order = None if isinstance(merged, Blocked) else [i, *merged]
        if made is not None:
            assert order == [vars(c)["number"] for c in made.__mro__ if c is not object]
        classes.append(made)
        orders.append(order)


@settings(max_examples=amount(60, 1200), deadline=None)
@given(BODIES, st.data())
def test_a_chain_may_be_cut_anywhere(bodies: list[list[str]], data: st.DataObject) -> None:
    """One profile after another, or two of them joined into one that extends what was before: the result is the same."""
    chain = "".join(f"profile p{i} {f'extends p{i - 1}' if i else ''} {{ {'; '.join(b)} }}\n" for i, b in enumerate(bodies))
    last = len(bodies) - 1
    cut = data.draw(st.integers(0, last))
    middle = f"profile q extends p{cut} {{ }}\n"
    rest = "".join(
        f"profile r{i} extends {'q' if i == cut + 1 else f'r{i - 1}'} {{ {'; '.join(bodies[i])} }}\n" for i in range(cut + 1, last + 1)
    )
    end = f"r{last}" if cut < last else "q"
    settled, found = compile_text(
        f"{chain}{middle}{rest}vm a extends p{last} {{ disk vda {{ }} }}\nvm b extends {end} {{ disk vda {{ }} }}\n"
    )
    if not found:
        assert values(settled, "a") == values(settled, "b")


@settings(max_examples=amount(60, 1200), deadline=None)
@given(BODIES)
def test_equal_values_never_conflict(bodies: list[list[str]]) -> None:
    """Two siblings that say the same are as good as one."""
    body = "; ".join(s for s in bodies[0] if "+=" not in s)
    settled, found = compile_text(f"profile a {{ {body} }}\nprofile b {{ {body} }}\nvm v extends a, b {{ }}\nvm w extends a {{ }}\n")
    codes = {d.code.number for d in found}
    assert 2104 not in codes
    if not found:
        assert values(settled, "v") == values(settled, "w")


@settings(max_examples=amount(60, 1200), deadline=None)
@given(BODIES, BODIES)
def test_what_conflicts_conflicts_in_either_order(left: list[list[str]], right: list[list[str]]) -> None:
    """Siblings that agree give one result in either order of parents, lists aside; those that do not are errors in both."""
    a, b = "; ".join(left[0]), "; ".join(right[0])
    first, one = compile_text(f"profile a {{ {a} }}\nprofile b {{ {b} }}\nvm v extends a, b {{ disk vda {{ }} }}\n")
    second, other = compile_text(f"profile a {{ {a} }}\nprofile b {{ {b} }}\nvm v extends b, a {{ disk vda {{ }} }}\n")
    assert sorted(d.code.number for d in one) == sorted(d.code.number for d in other)
    if not one:
        mine, theirs = values(first, "v"), values(second, "v")
        assert {k: v for k, v in mine.items() if k != "tags"} == {k: v for k, v in theirs.items() if k != "tags"}


def test_objects_of_a_template_share_what_does_not_vary() -> None:
    settled, _ = compile_text('vm "v${n}" { each $n in [1, 2]; cpu.count = $n; memory.size = 1GiB }\n')
    first, second = settled.objects
    assert first.values[("memory", "size")] is second.values[("memory", "size")]
    assert first.values[("cpu", "count")].value == 1
    assert second.values[("cpu", "count")].value == 2
