"""In which order names go from one domain to another."""

from __future__ import annotations

import pytest

from vmspec.importing.host_domain import HostDefinition
from vmspec.plan.naming import freeing_first, with_free_names
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, VmPlan

ORDERS: dict[str, tuple[list[str], list[str]]] = {
    "a chain, the wrong way": (["a=b", "b=c", "c=d"], ["c=d", "b=c", "a=b"]),
    "a chain, the right way": (["c=d", "b=c"], ["c=d", "b=c"]),
    "nothing in common": (["a=b", "c=d"], ["a=b", "c=d"]),
    "round": (["a=b", "b=a"], ["a=b", "b=a"]),
    "some stay": (["a=a", "b=c"], ["a=a", "b=c"]),
}


@pytest.mark.parametrize("name", ORDERS)
def test_whoever_leaves_a_name_goes_first(name: str) -> None:
    said, then = ORDERS[name]
    assert freeing_first(said, lambda each: each.partition("=")[0], lambda each: each.partition("=")[2]) == then


def rename(old: str, new: str, action: Action = Action.RENAME) -> VmPlan:
    return VmPlan(new, f"u-{old}", action, old_name=old, actual=there(old))


def there(name: str) -> Actual:
    return Actual(name, f"u-{name}", HostDefinition(b""))


def test_a_name_that_is_not_left_is_not_taken() -> None:
    by_name = {name: there(name) for name in "abc"}
    chain = [rename("a", "b"), rename("b", "c"), rename("c", "d")]
    assert with_free_names(chain, by_name) == chain
    found = with_free_names([*chain[:2], rename("c", "d", Action.REFUSE), VmPlan("a", "new", Action.CREATE)], by_name)
    assert [vm.action for vm in found] == [Action.REFUSE] * 4
    assert "the name c is still that of another domain (u-c)" in found[1].reason
    found = with_free_names([rename("a", "b"), rename("b", "a")], by_name)
    assert [vm.reason.partition(")")[0] for vm in found] == ["the names go round (b → a → b", "the names go round (a → b → a"]
