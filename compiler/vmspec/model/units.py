"""The measures of libvirt's numbers: which unit stands behind each, and what spellings of it libvirt accepts."""

from vmspec.model.kind import Measure
from vmspec.model.value import Duration, Frequency, Percentage, Rate, Size

PERCENT = Measure(Percentage, "whole percent", 1000)
THOUSANDTHS = Measure(Percentage, "1/1000 %", 1)
TIMES = Measure(Percentage, "1/1000 %", 1, usual="00%")
"""How many times as much: people write 4 for 400%."""
KIB = Measure(Size, "KiB", 1024)
"""KiB without a unit attribute."""
MIB = Measure(Size, "MiB", 1024 * 1024)
BYTES = Measure(Size, "bytes", 1)
NANOSECONDS = Measure(Duration, "ns", 1)
MICROSECONDS = Measure(Duration, "us", 1_000)
MILLISECONDS = Measure(Duration, "ms", 1_000_000)
SECONDS = Measure(Duration, "s", 1_000_000_000)
HERTZ = Measure(Frequency, "Hz", 1)
BYTES_PER_SECOND = Measure(Rate, "B/s", 1)
KIB_PER_SECOND = Measure(Rate, "KiB/s", 1024)
"""Network bandwidth and `peak` (docs/formatnetwork.rst 9.0.0: kilobytes of 1024 bytes)."""
MIB_PER_SECOND = Measure(Rate, "MiB/s", 1024 * 1024)
