"""What all tests share: prerequisites skip by name, and where CI=true such a skip is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.amount import ALL
from tests.libvirts import LIBVIRTS
from tests.prerequisites import OPTIONAL, PREREQUISITES, missing

_REAL = "tests/real/"
_ONCE = (
    *("tests/corpus/", "tests/check/test_corpus.py", "tests/normal/test_corpus.py", "tests/docs/", "tests/examples/"),
    *("tests/test_fuzz.py", "tests/test_house.py", "tests/test_wheel.py", "tests/importing/test_fuzz_xml.py"),
    *("tests/deploy/test_hostfiles.py", "tests/syntax/test_properties.py"),
)
"""What no other Python makes come out differently, or what costs too much for the little that it might."""
_SLOW = (
    *("tests/cli/", "tests/evaluate/test_budgets.py", "tests/importing/test_any_family.py", "tests/model/devices/test_lines.py"),
    *("tests/lower/test_layout.py", "tests/lower/test_lock.py", "tests/lower/test_order.py", "tests/model/test_kinds.py"),
    *("tests/model/test_every_form.py", "tests/stdlib/", "tests/syntax/test_parser.py", "tests/syntax/test_tables.py"),
    *("tests/test_api.py", "tests/test_fixes.py", "tests/validate/"),
)
"""What starts processes, compiles thousands of programs, or has thousands of cases."""

# No test asserts a time: on a loaded machine an example may take as long as it likes.
settings.register_profile("vmspec", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vmspec")


def pytest_configure(config: pytest.Config) -> None:
    names = ", ".join(PREREQUISITES)
    config.addinivalue_line("markers", f"needs(*names): skips where one is missing, by name; fails where CI=true. Names: {names}")
    config.addinivalue_line("markers", "once: runs on the first Python only (tests/versions.py)")
    config.addinivalue_line("markers", "slow: left out of `make test-quick`")
    config.addinivalue_line(
        "markers", "newer: runs a libvirt of tests/libvirts.py or boots a system that it fetches; only in `make test-all`, or by `-m newer`"
    )
    config.addinivalue_line("markers", "real: runs real libvirt, QEMU or a kernel; slow; one worker runs all of them in order")


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.nodeid.startswith(_REAL):
        item.add_marker(pytest.mark.real)
        # Real software under emulation on a shared machine: a failure is tried once more, and the summary names it all the same.
        item.add_marker(pytest.mark.flaky(reruns=1))
    if any(name in LIBVIRTS for marker in item.iter_markers("needs") for name in marker.args):
        item.add_marker(pytest.mark.newer)
    if item.nodeid.startswith(_ONCE) or any("corpus" in marker.args for marker in item.iter_markers("needs")):
        item.add_marker(pytest.mark.once)
        item.add_marker(pytest.mark.slow)
    elif item.nodeid.startswith(_SLOW):
        item.add_marker(pytest.mark.slow)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without being asked for, no test runs a libvirt or a system that `make test` does not fetch."""
    if ALL or "newer" in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("newer")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("newer")]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One xdist worker has all real tests, one after the other: two cores do not boot three guests.

    A scheduler of our own, because xdist 3.8's groups have no effect under pytest 9.2, which no longer reads the `_nodeid` they set.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class RealInOne(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return _REAL if nodeid.startswith(_REAL) else nodeid

    return RealInOne(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if reason := missing(name):
                pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get("CI") == "true" and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value) if call.excinfo else "no reason"
        if not reason.startswith(tuple(f"needs {name}:" for name in OPTIONAL)):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: skipped where CI=true: {reason}"
    return report
