"""What parsing costs: `python benchmarks/parse.py` prints milliseconds for one VM, for many, and for a cold process."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from vmspec.base.source import Source
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import parse
from vmspec.syntax.scanner import scan

VM = """vm "feed-${n}" extends trading {
  each $n, $cpus in { a = 2-5; b = 34-37 }
  place = host(rack1.n3)
  cpu { count = 4; pin = $cpus }
  memory.size = 16GiB
  disk vda { source = block("/dev/vg0/feed-${n}") }
  interface eth0 { source = bridge("br0"); queues = 4 }
}
"""


def milliseconds(work: Callable[[], object], runs: int) -> float:
    """The median of several runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def cold() -> float:
    """What a new process pays for importing the parser and reading its first VM."""
    code = f"""
import time; start = time.perf_counter()
from vmspec.base.source import Source
from vmspec.syntax.parser import parse
parse(Source("x", {VM!r})); print((time.perf_counter() - start) * 1e3)"""
    runs = [float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout) for _ in range(7)]
    return statistics.median(runs)


def main() -> None:
    one, many = Source("x", VM), Source("x", VM * 1000)
    tokens = len([t for t in scan(one).tokens if t.kind not in ("NEWLINE", "SEMI")])
    print(f"one VM of {tokens} tokens    {milliseconds(lambda: parse(one), 300):8.3f} ms")
    print(f"1000 VMs, each         {milliseconds(lambda: parse(many), 5) / 1000:8.3f} ms")
    gc.disable()
    print(f"the same without gc    {milliseconds(lambda: parse(many), 5) / 1000:8.3f} ms")
    file = parse(many)
    print(f"formatting, each       {milliseconds(lambda: format(file), 3) / 1000:8.3f} ms")
    print(f"cold process           {cold():8.3f} ms")


if __name__ == "__main__":
    main()
