"""Enlightenments: what Hyper-V would offer a Windows guest (docs/formatdomain.rst 9.0.0, "Hypervisor features")."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.kind import ON_OFF, TEXT, Integer, OneOf
from vmspec.model.value import Symbol


class Spinlocks(Block):
    """A waiting vCPU tells the hypervisor after some attempts."""

    element = "features/hyperv/spinlocks"
    main = "state"

    state: Annotated[bool | None, Attr("@state", ON_OFF, "Whether the guest is told.", since="1.1.0")] = None
    retries: Annotated[int | None, Attr("@retries", Integer(0), "Attempts before that; at least 4095.", since="1.1.0")] = None


class Stimer(Block):
    """Synthetic timers."""

    element = "features/hyperv/stimer"
    main = "state"

    state: Annotated[
        bool | None, Attr("@state", ON_OFF, "Whether the guest has them; needs synic, vpindex and hypervclock.", since="1.3.3")
    ] = None
    direct: Annotated[bool | None, Attr("direct/@state", ON_OFF, "Expiry as an interrupt instead of a message.", since="5.7.0")] = None


class TlbFlush(Block):
    """Paravirtual flush of other vCPUs' translations."""

    element = "features/hyperv/tlbflush"
    main = "state"

    state: Annotated[bool | None, Attr("@state", ON_OFF, "Whether the guest has it; needs vpindex.", since="4.7.0")] = None
    direct: Annotated[bool | None, Attr("direct/@state", ON_OFF, "Nested guests flush without their hypervisor.", since="11.0.0")] = None
    extended: Annotated[bool | None, Attr("extended/@state", ON_OFF, "Only some addresses are flushed.", since="11.0.0")] = None


class VendorId(Block):
    """The hypervisor's name."""

    element = "features/hyperv/vendor_id"
    main = "value"

    state: Annotated[bool | None, Attr("@state", ON_OFF, "Whether the guest sees this name.", since="1.3.3", default=True)] = None
    value: Annotated[str | None, Attr("@value", TEXT, "The name: at most twelve characters, no comma.", since="1.3.3")] = None


class HyperV(Block):
    """Enlightenments for Windows."""

    mode: Annotated[
        Symbol | None,
        Attr(
            "features/hyperv/@mode",
            OneOf("custom", "passthrough", "host-model", since={"host-model": "11.9.0"}),
            "Those named here, or all that the host has.",
            since="8.0.0",
        ),
    ] = None
    relaxed: Annotated[bool | None, Attr("features/hyperv/relaxed/@state", ON_OFF, "No blue screen over late timers.", since="1.0.0")] = (
        None
    )
    vapic: Annotated[bool | None, Attr("features/hyperv/vapic/@state", ON_OFF, "Virtual APIC.", since="1.1.0")] = None
    spinlocks: Annotated[Spinlocks | None, Sub("Waiting vCPUs tell the hypervisor.", since="1.1.0")] = None
    vpindex: Annotated[bool | None, Attr("features/hyperv/vpindex/@state", ON_OFF, "Numbers of virtual processors.", since="1.3.3")] = None
    runtime: Annotated[bool | None, Attr("features/hyperv/runtime/@state", ON_OFF, "Time that a vCPU has run.", since="1.3.3")] = None
    synic: Annotated[
        bool | None, Attr("features/hyperv/synic/@state", ON_OFF, "Synthetic interrupt controller; needs vpindex.", since="1.3.3")
    ] = None
    stimer: Annotated[Stimer | None, Sub("Synthetic timers.", since="1.3.3")] = None
    reset: Annotated[bool | None, Attr("features/hyperv/reset/@state", ON_OFF, "Reset through the hypervisor.", since="1.3.3")] = None
    vendor_id: Annotated[VendorId | None, Sub("The hypervisor's name.", since="1.3.3")] = None
    frequencies: Annotated[
        bool | None, Attr("features/hyperv/frequencies/@state", ON_OFF, "Frequencies of TSC and APIC.", since="4.7.0")
    ] = None
    reenlightenment: Annotated[
        bool | None, Attr("features/hyperv/reenlightenment/@state", ON_OFF, "The guest is told of a migration.", since="4.7.0")
    ] = None
    tlbflush: Annotated[TlbFlush | None, Sub("Paravirtual flush of translations.", since="4.7.0")] = None
    ipi: Annotated[
        bool | None, Attr("features/hyperv/ipi/@state", ON_OFF, "Paravirtual interrupts between vCPUs; needs vpindex.", since="4.10.0")
    ] = None
    evmcs: Annotated[
        bool | None, Attr("features/hyperv/evmcs/@state", ON_OFF, "Faster nested guests, on Intel; needs vapic.", since="4.10.0")
    ] = None
    avic: Annotated[
        bool | None, Attr("features/hyperv/avic/@state", ON_OFF, "SynIC together with hardware APIC virtualisation.", since="8.10.0")
    ] = None
    emsr_bitmap: Annotated[
        bool | None, Attr("features/hyperv/emsr_bitmap/@state", ON_OFF, "Nested guests' register bitmaps are cached.", since="10.7.0")
    ] = None
    xmm_input: Annotated[
        bool | None, Attr("features/hyperv/xmm_input/@state", ON_OFF, "Hypercalls take arguments in XMM registers.", since="10.7.0")
    ] = None
