"""The guest's clock and timers (docs/formatdomain.rst 9.0.0, "Time keeping")."""

from vmspec.model.block import Annotated, Attr, Block, Many
from vmspec.model.kind import NAME, YES_NO, Either, Integer, OneOf, WordFor
from vmspec.model.units import HERTZ
from vmspec.model.value import Frequency, Symbol, Value

COUNT = Integer(0)
TIMERS = ("platform", "rtc", "tsc", "hpet", "pit", "armvtimer", "kvmclock", "hypervclock")
"""The names that a timer may have (src/conf/schemas/domaincommon.rng 9.0.0)."""


class Timer(Block):
    """One timer, by its name: rtc, pit, hpet, tsc, kvmclock, hypervclock, armvtimer or platform."""

    element = "clock/timer[@name=$label]"

    present: Annotated[bool | None, Attr("@present", YES_NO, "Whether the guest has it.", since="0.8.0")] = None
    tickpolicy: Annotated[
        Symbol | None,
        Attr("@tickpolicy", OneOf("delay", "catchup", "merge", "discard"), "What becomes of ticks that were missed.", since="0.8.0"),
    ] = None
    track: Annotated[
        Symbol | None, Attr("@track", OneOf("boot", "guest", "wall", "realtime"), "What it follows; of rtc and platform.", since="0.8.0")
    ] = None
    frequency: Annotated[Frequency | None, Attr("@frequency", HERTZ, "Frequency that the guest sees; of tsc.", since="0.8.0")] = None
    mode: Annotated[
        Symbol | None,
        Attr("@mode", OneOf("auto", "native", "emulate", "paravirt", "smpsafe"), "How it is provided; of tsc.", since="0.8.0"),
    ] = None
    catchup_threshold: Annotated[
        int | None, Attr("catchup/@threshold", COUNT, "From how much on missed time is caught up.", since="0.8.0")
    ] = None
    catchup_slew: Annotated[int | None, Attr("catchup/@slew", COUNT, "How fast.", since="0.8.0")] = None
    catchup_limit: Annotated[int | None, Attr("catchup/@limit", COUNT, "How much at most.", since="0.8.0")] = None


class Clock(Block):
    """The guest's clock."""

    offset: Annotated[
        Symbol | None,
        Attr(
            "clock/@offset",
            OneOf("utc", "localtime", "timezone", "variable", "absolute"),
            "What the clock shows at boot; Windows expects localtime.",
            since="0.0.1",
        ),
    ] = None
    timezone: Annotated[Symbol | None, Attr("clock/@timezone", NAME, "Time zone, with `offset = timezone`.", since="0.7.7")] = None
    adjustment: Annotated[
        "Value | None",
        Attr(
            "clock/@adjustment",
            Either(Integer(None), WordFor("reset", "reset")),
            "Seconds from `basis`, with `offset = variable`; or reset at each boot.",
            since="0.7.7",
            unchecked=True,
        ),
    ] = None
    basis: Annotated[Symbol | None, Attr("clock/@basis", OneOf("utc", "localtime"), "What `adjustment` counts from.", since="0.9.11")] = (
        None
    )
    start: Annotated[int | None, Attr("clock/@start", Integer(0), "Seconds since 1970, with `offset = absolute`.", since="8.4.0")] = None
    timer: Annotated[tuple[Timer, ...], Many("One timer.", since="0.8.0")] = ()
