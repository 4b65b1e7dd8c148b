"""A packet filter of libvirt (docs/formatnwfilter.rst, src/conf/schemas/nwfilter.rng 9.0.0)."""

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.devices.interface import VARIABLE
from vmspec.model.devices.kinds import UUID
from vmspec.model.kind import NWFILTER, PLACE, Integer, ListOf, OneOf, Words
from vmspec.model.nwfilter_match import (
    AhIpv6Match,
    AhMatch,
    AllIpv6Match,
    AllMatch,
    ArpMatch,
    EspIpv6Match,
    EspMatch,
    IcmpMatch,
    Icmpv6Match,
    IgmpMatch,
    IpMatch,
    Ipv6Match,
    MacMatch,
    RarpMatch,
    SctpIpv6Match,
    SctpMatch,
    StpMatch,
    TcpIpv6Match,
    TcpMatch,
    UdpIpv6Match,
    UdpliteIpv6Match,
    UdpliteMatch,
    UdpMatch,
    VlanMatch,
)
from vmspec.model.value import Symbol, Value

PRIORITY = Integer(-1000, 1000)


class Rule(Block):
    """A rule: what to do with packets of one protocol. Without a protocol it is for all."""

    element = "rule"

    action: Annotated[
        Symbol | None, Attr("@action", OneOf("drop", "accept", "reject", "continue", "return"), "What is done.", since="0.8.0")
    ] = None
    direction: Annotated[Symbol | None, Attr("@direction", OneOf("in", "out", "inout"), "As the guest sees it.", since="0.8.0")] = None
    priority: Annotated[int | None, Attr("@priority", PRIORITY, "Lower is looked at first; 500 unless said.", since="0.8.0")] = None
    statematch: Annotated[
        Symbol | None,
        Attr(
            "@statematch",
            Words(r"[Ff][Aa][Ll][Ss][Ee]|0|true|1", "false", symbol=True),
            "`false`: without looking at the connection.",
            since="0.8.0",
        ),
    ] = None
    mac: Annotated[MacMatch | None, Sub("Any frame.", since="0.8.0")] = None
    vlan: Annotated[VlanMatch | None, Sub("A frame with a VLAN tag.", since="0.8.0")] = None
    stp: Annotated[StpMatch | None, Sub("A frame of the spanning tree protocol.", since="0.8.0")] = None
    arp: Annotated[ArpMatch | None, Sub("Address resolution.", since="0.8.0")] = None
    rarp: Annotated[RarpMatch | None, Sub("Reverse address resolution.", since="0.8.0")] = None
    ip: Annotated[IpMatch | None, Sub("IPv4 on the link.", since="0.8.0")] = None
    ipv6: Annotated[Ipv6Match | None, Sub("IPv6 on the link.", since="0.8.0")] = None
    tcp: Annotated[TcpMatch | None, Sub("TCP.", since="0.8.0")] = None
    udp: Annotated[UdpMatch | None, Sub("UDP.", since="0.8.0")] = None
    sctp: Annotated[SctpMatch | None, Sub("SCTP.", since="0.8.0")] = None
    icmp: Annotated[IcmpMatch | None, Sub("ICMP.", since="0.8.0")] = None
    igmp: Annotated[IgmpMatch | None, Sub("IGMP.", since="0.8.0")] = None
    all: Annotated[AllMatch | None, Sub("Any protocol.", since="0.8.0")] = None
    esp: Annotated[EspMatch | None, Sub("ESP.", since="0.8.0")] = None
    ah: Annotated[AhMatch | None, Sub("AH.", since="0.8.0")] = None
    udplite: Annotated[UdpliteMatch | None, Sub("UDP-Lite.", since="0.8.0")] = None
    tcp_ipv6: Annotated[TcpIpv6Match | None, Sub("TCP over IPv6.", since="0.8.0")] = None
    udp_ipv6: Annotated[UdpIpv6Match | None, Sub("UDP over IPv6.", since="0.8.0")] = None
    sctp_ipv6: Annotated[SctpIpv6Match | None, Sub("SCTP over IPv6.", since="0.8.0")] = None
    icmpv6: Annotated[Icmpv6Match | None, Sub("ICMPv6.", since="0.8.0")] = None
    all_ipv6: Annotated[AllIpv6Match | None, Sub("Any protocol over IPv6.", since="0.8.0")] = None
    esp_ipv6: Annotated[EspIpv6Match | None, Sub("ESP over IPv6.", since="0.8.0")] = None
    ah_ipv6: Annotated[AhIpv6Match | None, Sub("AH over IPv6.", since="0.8.0")] = None
    udplite_ipv6: Annotated[UdpliteIpv6Match | None, Sub("UDP-Lite over IPv6.", since="0.8.0")] = None


class IncludedFilter(Block):
    """Another filter, whose rules are among these."""

    element = "filterref"
    main = "filter"

    filter: Annotated["Value | None", Attr("@filter", NWFILTER, "The filter.", since="0.8.0")] = None
    parameters: Annotated[
        dict[str, tuple[str, ...]] | None,
        OpenMap(ListOf(VARIABLE), "Variables of the filter; a list gives several values.", place="parameter", key="@name", value="@value"),
    ] = None


class Nwfilter(Block):
    """A packet filter. libvirt looks at rules by their priority, and at those of one priority in their order."""

    element = "filter"

    name: Annotated[str | None, Attr("@name", Words(r"[^\s/:]+", "a name"), "Name; the label of the block says it.", since="0.8.0")] = None
    chain: Annotated[
        Symbol | None,
        Attr(
            "@chain",
            Words(
                r"root|(mac|stp|arp)[a-zA-Z0-9_.:-]{0,9}|(vlan|rarp|ipv4|ipv6)[a-zA-Z0-9_.:-]{0,8}",
                "root, or mac, stp, vlan, arp, rarp, ipv4 or ipv6, and what tells it from others of that protocol",
                symbol=True,
            ),
            "The chain of the firewall that its rules are in; root unless said.",
            since="0.8.0",
        ),
    ] = None
    priority: Annotated[int | None, Attr("@priority", PRIORITY, "Of the chain: lower is looked at first.", since="0.9.8")] = None
    uuid: Annotated[Symbol | None, Attr("uuid", UUID, "Identity.", since="0.8.0")] = None
    place: Annotated["Value | None", Attr(None, PLACE, "The host that it is placed on.")] = None
    filterref: Annotated[tuple[IncludedFilter, ...], Many("Another filter that it includes.", since="0.8.0")] = ()
    rule: Annotated[tuple[Rule, ...], Many("A rule.", since="0.8.0")] = ()
