"""What a rule of a packet filter looks at, by protocol (docs/formatnwfilter.rst, src/conf/schemas/nwfilter.rng 9.0.0).

Most values may be a variable of the filter, `"$IP"`, which the interface that names the filter sets; libvirt itself sets MAC and, where it
learns it, IP.
"""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.kind import PRESENCE, TEXT, YES_NO, Words
from vmspec.model.value import Symbol

_VARIABLE = r"\$ *[a-zA-Z0-9_]+(\[ *@?[0-9]+ *\])? *"


def _or_variable(pattern: str, noun: str) -> Words:
    return Words(f"{pattern}|{_VARIABLE}", f'{noun}, or a variable such as "$IP"', symbol=True)


NUMBER = _or_variable(r"0x[0-9a-fA-F]{1,8}|[0-9]{1,10}", "a number")
MAC = _or_variable(r"([a-fA-F0-9]{1,2}:){5}[a-fA-F0-9]{1,2}", "a MAC address such as 52:54:00:12:34:56")
IP = _or_variable(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", "an IPv4 address")
IPV6 = _or_variable(r"[a-fA-F0-9:]*:[a-fA-F0-9:.]*", "an IPv6 address")
MASK = _or_variable(r"[0-9]{1,2}|[0-9]{1,3}(\.[0-9]{1,3}){3}", "a mask: bits, or an address")
MASK6 = _or_variable(r"[0-9]{1,3}|[a-fA-F0-9:]*:[a-fA-F0-9:]*", "a mask: bits, or an address")
PROTOCOL_ID = _or_variable(
    r"0x[0-9a-fA-F]{3,4}|[0-9]{4,5}|arp|rarp|ipv4|ipv6|vlan", "an Ethernet type: a number, arp, ipv4, vlan and others"
)
IP_PROTOCOL = _or_variable(
    r"0x[0-9a-fA-F]{1,2}|[0-9]{1,3}|tcp|udp|udplite|esp|ah|icmp|igmp|sctp|icmpv6", "an IP protocol: a number, or tcp, udp, icmp and others"
)
OPCODE = _or_variable(r"[0-9]{1,5}|[a-zA-Z_]+", "a number, or a word such as Request")
_STATE = "(NEW|ESTABLISHED|RELATED|INVALID)"
STATES = Words(f"NONE|{_STATE}(,{_STATE})*", "states such as NEW,ESTABLISHED, or NONE", symbol=True)
_FLAGS = r"((SYN|ACK|URG|PSH|FIN|RST)(,(SYN|ACK|URG|PSH|FIN|RST))*|ALL|NONE)"
TCP_FLAGS = Words(f"{_FLAGS}/{_FLAGS}", "a mask and flags such as SYN,ACK/SYN", symbol=True)
IPSET = _or_variable(r"[a-zA-Z0-9_.:\-+ ]{1,31}", "the name of an ipset")
IPSET_FLAGS = Words(r"[A-Za-z]{3}(,[A-Za-z]{3}){0,5}", "src and dst, up to six", symbol=True)


class Match(Block):
    """What every protocol has."""

    main = "any"

    any: Annotated[
        bool | None, Attr("", PRESENCE, "The protocol alone, where nothing else is said of it: `icmp = true`.", policy="empty")
    ] = None
    match: Annotated[bool | None, Attr("@match", YES_NO, "`false`: the rule is for what does not fit.", since="0.8.0")] = None
    comment: Annotated[str | None, Attr("@comment", TEXT, "For people, up to 256 characters.", since="0.8.5")] = None


class SourceMac(Match):
    """The sender on the link."""

    srcmacaddr: Annotated[Symbol | None, Attr("@srcmacaddr", MAC, "Source MAC address.", since="0.8.0")] = None


class Link(SourceMac):
    """Both ends on the link."""

    srcmacmask: Annotated[Symbol | None, Attr("@srcmacmask", MAC, "Mask of it.", since="0.8.0")] = None
    dstmacaddr: Annotated[Symbol | None, Attr("@dstmacaddr", MAC, "Destination MAC address.", since="0.8.0")] = None
    dstmacmask: Annotated[Symbol | None, Attr("@dstmacmask", MAC, "Mask of it.", since="0.8.0")] = None


class Ports(Block):
    """Ports of both ends."""

    srcportstart: Annotated[Symbol | None, Attr("@srcportstart", NUMBER, "First source port.", since="0.8.0")] = None
    srcportend: Annotated[Symbol | None, Attr("@srcportend", NUMBER, "Last source port.", since="0.8.0")] = None
    dstportstart: Annotated[Symbol | None, Attr("@dstportstart", NUMBER, "First destination port.", since="0.8.0")] = None
    dstportend: Annotated[Symbol | None, Attr("@dstportend", NUMBER, "Last destination port.", since="0.8.0")] = None


class Ends(Block):
    """Both ends in IPv4."""

    srcipaddr: Annotated[Symbol | None, Attr("@srcipaddr", IP, "Source address.", since="0.8.0")] = None
    srcipmask: Annotated[Symbol | None, Attr("@srcipmask", MASK, "Mask of it.", since="0.8.0")] = None
    dstipaddr: Annotated[Symbol | None, Attr("@dstipaddr", IP, "Destination address.", since="0.8.0")] = None
    dstipmask: Annotated[Symbol | None, Attr("@dstipmask", MASK, "Mask of it.", since="0.8.0")] = None


class Ends6(Block):
    """Both ends in IPv6."""

    srcipaddr: Annotated[Symbol | None, Attr("@srcipaddr", IPV6, "Source address.", since="0.8.0")] = None
    srcipmask: Annotated[Symbol | None, Attr("@srcipmask", MASK6, "Mask of it.", since="0.8.0")] = None
    dstipaddr: Annotated[Symbol | None, Attr("@dstipaddr", IPV6, "Destination address.", since="0.8.0")] = None
    dstipmask: Annotated[Symbol | None, Attr("@dstipmask", MASK6, "Mask of it.", since="0.8.0")] = None


class Connection(Ends):
    """Both ends in IPv4, and the connection."""

    srcipfrom: Annotated[Symbol | None, Attr("@srcipfrom", IP, "First source address.", since="0.8.0")] = None
    srcipto: Annotated[Symbol | None, Attr("@srcipto", IP, "Last source address.", since="0.8.0")] = None
    dstipfrom: Annotated[Symbol | None, Attr("@dstipfrom", IP, "First destination address.", since="0.8.0")] = None
    dstipto: Annotated[Symbol | None, Attr("@dstipto", IP, "Last destination address.", since="0.8.0")] = None
    dscp: Annotated[Symbol | None, Attr("@dscp", NUMBER, "Differentiated services code point.", since="0.8.0")] = None
    connlimit_above: Annotated[Symbol | None, Attr("@connlimit-above", NUMBER, "Fits from so many connections on.", since="0.8.0")] = None
    state: Annotated[Symbol | None, Attr("@state", STATES, "State of the connection.", since="0.8.0")] = None
    ipset: Annotated[Symbol | None, Attr("@ipset", IPSET, "A set of addresses on the host.", since="0.8.0")] = None
    ipsetflags: Annotated[Symbol | None, Attr("@ipsetflags", IPSET_FLAGS, "Which addresses are looked up in it.", since="0.8.0")] = None


class Connection6(Ends6):
    """Both ends in IPv6, and the connection."""

    srcipfrom: Annotated[Symbol | None, Attr("@srcipfrom", IPV6, "First source address.", since="0.8.0")] = None
    srcipto: Annotated[Symbol | None, Attr("@srcipto", IPV6, "Last source address.", since="0.8.0")] = None
    dstipfrom: Annotated[Symbol | None, Attr("@dstipfrom", IPV6, "First destination address.", since="0.8.0")] = None
    dstipto: Annotated[Symbol | None, Attr("@dstipto", IPV6, "Last destination address.", since="0.8.0")] = None
    dscp: Annotated[Symbol | None, Attr("@dscp", NUMBER, "Differentiated services code point.", since="0.8.0")] = None
    connlimit_above: Annotated[Symbol | None, Attr("@connlimit-above", NUMBER, "Fits from so many connections on.", since="0.8.0")] = None
    state: Annotated[Symbol | None, Attr("@state", STATES, "State of the connection.", since="0.8.0")] = None
    ipset: Annotated[Symbol | None, Attr("@ipset", IPSET, "A set of addresses on the host.", since="0.8.0")] = None
    ipsetflags: Annotated[Symbol | None, Attr("@ipsetflags", IPSET_FLAGS, "Which addresses are looked up in it.", since="0.8.0")] = None


class Icmp(Block):
    """What kind of ICMP."""

    type: Annotated[Symbol | None, Attr("@type", NUMBER, "Type.", since="0.8.0")] = None
    code: Annotated[Symbol | None, Attr("@code", NUMBER, "Code.", since="0.8.0")] = None


class MacMatch(Link):
    """Frames."""

    element = "mac"

    protocolid: Annotated[Symbol | None, Attr("@protocolid", PROTOCOL_ID, "Ethernet type.", since="0.8.0")] = None


class VlanMatch(Link):
    """Frames with a VLAN tag."""

    element = "vlan"

    vlanid: Annotated[Symbol | None, Attr("@vlanid", NUMBER, "VLAN.", since="0.8.0")] = None
    encap_protocol: Annotated[Symbol | None, Attr("@encap-protocol", PROTOCOL_ID, "Ethernet type in it.", since="0.8.0")] = None


class StpMatch(SourceMac):
    """Frames of the spanning tree protocol."""

    element = "stp"

    srcmacmask: Annotated[Symbol | None, Attr("@srcmacmask", MAC, "Mask of it.", since="0.8.0")] = None
    type: Annotated[Symbol | None, Attr("@type", NUMBER, "Type of the frame.", since="0.8.0")] = None
    flags: Annotated[Symbol | None, Attr("@flags", NUMBER, "Flags.", since="0.8.0")] = None
    root_priority: Annotated[Symbol | None, Attr("@root-priority", NUMBER, "Priority of the root, or the least.", since="0.8.0")] = None
    root_priority_hi: Annotated[Symbol | None, Attr("@root-priority-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    root_address: Annotated[Symbol | None, Attr("@root-address", MAC, "Address of the root.", since="0.8.0")] = None
    root_address_mask: Annotated[Symbol | None, Attr("@root-address-mask", MAC, "Mask of it.", since="0.8.0")] = None
    root_cost: Annotated[Symbol | None, Attr("@root-cost", NUMBER, "Cost to the root, or the least.", since="0.8.0")] = None
    root_cost_hi: Annotated[Symbol | None, Attr("@root-cost-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    sender_priority: Annotated[Symbol | None, Attr("@sender-priority", NUMBER, "Sender priority, or the least.", since="0.8.0")] = None
    sender_priority_hi: Annotated[Symbol | None, Attr("@sender-priority-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    sender_address: Annotated[Symbol | None, Attr("@sender-address", MAC, "Address of the sender.", since="0.8.0")] = None
    sender_address_mask: Annotated[Symbol | None, Attr("@sender-address-mask", MAC, "Mask of it.", since="0.8.0")] = None
    port: Annotated[Symbol | None, Attr("@port", NUMBER, "Port, or the least.", since="0.8.0")] = None
    port_hi: Annotated[Symbol | None, Attr("@port-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    age: Annotated[Symbol | None, Attr("@age", NUMBER, "Age of the message, or the least.", since="0.8.0")] = None
    age_hi: Annotated[Symbol | None, Attr("@age-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    max_age: Annotated[Symbol | None, Attr("@max-age", NUMBER, "Greatest age, or the least.", since="0.8.0")] = None
    max_age_hi: Annotated[Symbol | None, Attr("@max-age-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    hello_time: Annotated[Symbol | None, Attr("@hello-time", NUMBER, "Interval of messages, or the least.", since="0.8.0")] = None
    hello_time_hi: Annotated[Symbol | None, Attr("@hello-time-hi", NUMBER, "The greatest.", since="0.8.0")] = None
    forward_delay: Annotated[Symbol | None, Attr("@forward-delay", NUMBER, "Delay of forwarding, or the least.", since="0.8.0")] = None
    forward_delay_hi: Annotated[Symbol | None, Attr("@forward-delay-hi", NUMBER, "The greatest.", since="0.8.0")] = None


class ArpMatch(Link):
    """Address resolution."""

    element = "arp"

    arpsrcmacaddr: Annotated[Symbol | None, Attr("@arpsrcmacaddr", MAC, "Sender's MAC address.", since="0.8.0")] = None
    arpsrcipaddr: Annotated[Symbol | None, Attr("@arpsrcipaddr", IP, "Sender's address.", since="0.8.0")] = None
    arpdstmacaddr: Annotated[Symbol | None, Attr("@arpdstmacaddr", MAC, "Target's MAC address.", since="0.8.0")] = None
    arpdstipaddr: Annotated[Symbol | None, Attr("@arpdstipaddr", IP, "Target's address.", since="0.8.0")] = None
    hwtype: Annotated[Symbol | None, Attr("@hwtype", NUMBER, "Hardware type.", since="0.8.0")] = None
    opcode: Annotated[Symbol | None, Attr("@opcode", OPCODE, "Operation.", since="0.8.0")] = None
    protocoltype: Annotated[Symbol | None, Attr("@protocoltype", NUMBER, "Protocol type.", since="0.8.0")] = None
    gratuitous: Annotated[bool | None, Attr("@gratuitous", YES_NO, "Announcements.", since="0.8.0")] = None


class RarpMatch(ArpMatch):
    """Reverse address resolution."""

    element = "rarp"


class IpMatch(Link, Ends, Ports):
    """IPv4, looked at on the link."""

    element = "ip"

    protocol: Annotated[Symbol | None, Attr("@protocol", IP_PROTOCOL, "Protocol in it.", since="0.8.0")] = None
    dscp: Annotated[Symbol | None, Attr("@dscp", NUMBER, "Differentiated services code point.", since="0.8.0")] = None


class Ipv6Match(Link, Ends6, Ports):
    """IPv6, looked at on the link."""

    element = "ipv6"

    protocol: Annotated[Symbol | None, Attr("@protocol", IP_PROTOCOL, "Protocol in it.", since="0.8.0")] = None
    type: Annotated[Symbol | None, Attr("@type", NUMBER, "ICMPv6 type, or the first of several.", since="0.8.0")] = None
    typeend: Annotated[Symbol | None, Attr("@typeend", NUMBER, "The last of them.", since="0.8.0")] = None
    code: Annotated[Symbol | None, Attr("@code", NUMBER, "ICMPv6 code, or the first of several.", since="0.8.0")] = None
    codeend: Annotated[Symbol | None, Attr("@codeend", NUMBER, "The last of them.", since="0.8.0")] = None


class TcpMatch(SourceMac, Connection, Ports):
    """TCP over IPv4, looked at with its connection."""

    element = "tcp"

    flags: Annotated[Symbol | None, Attr("@flags", TCP_FLAGS, "Mask and flags.", since="0.9.1")] = None


class UdpMatch(SourceMac, Connection, Ports):
    """UDP over IPv4, looked at with its connection."""

    element = "udp"


class SctpMatch(SourceMac, Connection, Ports):
    """SCTP over IPv4, looked at with its connection."""

    element = "sctp"


class IcmpMatch(SourceMac, Connection, Icmp):
    """ICMP over IPv4, looked at with its connection."""

    element = "icmp"


class IgmpMatch(SourceMac, Connection):
    """IGMP over IPv4, looked at with its connection."""

    element = "igmp"


class AllMatch(SourceMac, Connection):
    """Any protocol over IPv4, looked at with its connection."""

    element = "all"


class EspMatch(SourceMac, Connection):
    """ESP over IPv4, looked at with its connection."""

    element = "esp"


class AhMatch(SourceMac, Connection):
    """AH over IPv4, looked at with its connection."""

    element = "ah"


class UdpliteMatch(SourceMac, Connection):
    """UDP-Lite over IPv4, looked at with its connection."""

    element = "udplite"


class TcpIpv6Match(SourceMac, Connection6, Ports):
    """TCP over IPv6, looked at with its connection."""

    element = "tcp-ipv6"

    flags: Annotated[Symbol | None, Attr("@flags", TCP_FLAGS, "Mask and flags.", since="0.9.1")] = None


class UdpIpv6Match(SourceMac, Connection6, Ports):
    """UDP over IPv6, looked at with its connection."""

    element = "udp-ipv6"


class SctpIpv6Match(SourceMac, Connection6, Ports):
    """SCTP over IPv6, looked at with its connection."""

    element = "sctp-ipv6"


class Icmpv6Match(SourceMac, Connection6, Icmp):
    """ICMPv6 over IPv6, looked at with its connection."""

    element = "icmpv6"


class AllIpv6Match(SourceMac, Connection6):
    """Any protocol over IPv6, looked at with its connection."""

    element = "all-ipv6"


class EspIpv6Match(SourceMac, Connection6):
    """ESP over IPv6, looked at with its connection."""

    element = "esp-ipv6"


class AhIpv6Match(SourceMac, Connection6):
    """AH over IPv6, looked at with its connection."""

    element = "ah-ipv6"


class UdpliteIpv6Match(SourceMac, Connection6):
    """UDP-Lite over IPv6, looked at with its connection."""

    element = "udplite-ipv6"
