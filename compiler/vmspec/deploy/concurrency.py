"""Several hosts at once, within limits: each is one piece of work, and one libvirt is never worked on twice at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from vmspec.base.diagnostic import Diagnostic
from vmspec.deploy import codes
from vmspec.deploy.stop import Stop
from vmspec.deploy.target import HostResult, HostTarget


def on_all(
    targets: Sequence[HostTarget],
    work: Callable[[HostTarget], HostResult],
    parallel: int,
    max_failures: int | None = None,
    stop: Stop | None = None,
) -> list[HostResult]:
    """In the order of the targets. Once so many have failed, no further one is begun; those under way are finished."""
    stop = stop or Stop()
    failures = 0
    lock = threading.Lock()
    one_at_a_time = {target.uri: threading.Lock() for target in targets}

    def one(target: HostTarget) -> HostResult:
        with one_at_a_time[target.uri]:
            return begun(target)

    def begun(target: HostTarget) -> HostResult:
        nonlocal failures
        with lock:
            if max_failures is not None and failures >= max_failures:
                return HostResult(target, error=Diagnostic(codes.VM_FAILED, f"{target.name} was not begun: {failures} failed before it"))
        if stop.asked:
            return HostResult(target, error=Diagnostic(codes.INTERRUPTED, f"{target.name} was not begun: asked to end before it"))
        result = work(target)
        if not result.ok:
            with lock:
                failures += 1
        return result

    if len(targets) == 1 or parallel <= 1:
        return [one(target) for target in targets]
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return list(pool.map(one, targets))
