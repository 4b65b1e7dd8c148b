"""Runs commands and measures them: wall time and peak memory, medians of alternating rounds."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """A measured command did not exit with 0; holds what it said."""


@dataclass(frozen=True)
class Run:
    seconds: float
    peak: int
    """Peak resident memory in KiB, of the largest process."""


def run(command: Sequence[str | Path], folder: Path) -> Run:
    """Runs the command in `folder` once; raises Failed unless it exits with 0. Its output goes to a file, as in a pipeline."""
    log = folder / "benchmark.log"
    with log.open("wb") as out:
        begin = time.perf_counter()
        pid = os.posix_spawn(
            shutil.which(str(command[0])) or str(command[0]),
            [str(each) for each in command],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, out.fileno(), 2)],
        )
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - begin
    if status != 0:
        raise Failed(
            f"{' '.join(map(str, command))}: exit {os.waitstatus_to_exitcode(status)}\n{log.read_text('utf-8', 'replace')[-2000:]}"
        )
    return Run(seconds, usage.ru_maxrss)


def alternate(first: Callable[[], Run], second: Callable[[], Run], rounds: int) -> tuple[float, float]:
    """The medians in seconds of both, run in turn after one round that warms the caches and is not counted."""
    first(), second()
    pairs = [(first().seconds, second().seconds) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def options(doc: str | None, rounds: int, count: int = 1000) -> argparse.Namespace:
    """The options all benchmarks share: --vmc, --rounds, --count."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--vmc", default=default_vmc(), help="the vmc to measure (default: beside this Python, else on PATH)")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--count", type=int, default=count, help="VMs in the fleet")
    return parser.parse_args()


def default_vmc() -> str:
    beside = Path(sys.executable).with_name("vmc")
    return str(beside) if beside.exists() else "vmc"


def needs(*commands: str) -> None:
    """Ends the benchmark with a clear word where a peer is not installed."""
    absent = [each for each in commands if shutil.which(each) is None]
    if absent:
        sys.exit(f"needs {', '.join(absent)}: not installed, so there is nothing to compare with")


def verdict(what: str, ours: float, theirs: float, peer: str, limit: float) -> int:
    """Prints both medians and their ratio; 1 where it is over the limit."""
    ratio = ours / theirs
    print(f"{what}: vmc {ours * 1000:.0f} ms, {peer} {theirs * 1000:.0f} ms, ratio {ratio:.2f} (limit {limit:g})")
    return int(ratio > limit)
