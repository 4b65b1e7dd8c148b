"""What all tests share: prerequisites skip by name, and where CI=true such a skip is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.prerequisites import OPTIONAL, PREREQUISITES, missing


def pytest_configure(config: pytest.Config) -> None:
    names = ", ".join(PREREQUISITES)
    config.addinivalue_line("markers", f"needs(*names): skips where one is missing, by name; fails where CI=true. Names: {names}")
    config.addinivalue_line("markers", "real: runs real libvirt, QEMU or a kernel; slow; one worker runs all of them in order")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Everything below tests/real is `real`, and one xdist worker has them all, one after the other: two cores do not boot three guests.

    Marked here, because xdist reads the groups before this file's pytest_collection_modifyitems would run.
    """
    if "tests/real/" in item.path.as_posix():
        item.add_marker(pytest.mark.real)
        item.add_marker(pytest.mark.xdist_group("real"))


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
