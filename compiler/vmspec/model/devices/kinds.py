"""The kinds of value that only devices have: addresses, endpoints, tags, and libvirt's units for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vmspec.base.record import record
from vmspec.model.kind import HOST_PATH, SIZE_KIB, HostPath, Integer, Kind, Measure, Parts, Problem, ReadWords, Text, Words
from vmspec.model.value import Duration, Quantity, Rate, Secret, Size, Symbol, Value

BYTES = Measure(Size, "byte", 1)
"""A bare number of bytes."""
KIB = Measure(Size, "KiB", 1024)
"""A bare number of KiB: video memory, bursts."""
BYTES_PER_SECOND = Measure(Rate, "B/s", 1)
KIB_PER_SECOND = Measure(Rate, "KiB/s", 1024)
SECONDS = Measure(Duration, "s", 10**9)
MILLISECONDS = Measure(Duration, "ms", 10**6)
MICROSECONDS = Measure(Duration, "us", 10**3)

COUNT = Integer(0)
POSITIVE = Integer(1)
UINT8 = Integer(0, 0xFF)
AUDIO_ID = Integer(1, 0xFF)
"""libvirt 9.0.0 refuses 0 at parse (virDomainAudioDefParseXML and its neighbours, src/conf/domain_conf.c)."""
UINT32 = Integer(0, 0xFFFFFFFF)
INT = Integer(None)
PORT = Integer(-1, 65535)
"""A TCP or UDP port; libvirt writes -1 for one that it shall choose."""

PATH = Words(r".+", "a path")
IMAGE_PATH = HostPath(r".+", "a path", strict=HOST_PATH.strict, strict_noun=HOST_PATH.strict_noun)
ABSOLUTE = HostPath(r"(/|[a-zA-Z]:\\).+", "an absolute path")
DEVICE_NAME = Words(r"[a-zA-Z0-9_.\-\\:/]+", "a device name", symbol=True)
IP = Words(r"[0-9a-fA-F:.]+", "an IP address", symbol=True)
IP_OR_NAME = Words(r"[0-9a-zA-Z:.\-]+", "an IP address or a host name", symbol=True)
OBJECT_NAME = Words(r"[^\n]+", "a name", symbol=False)
WWN = ReadWords(r"(0x)?[0-9a-fA-F]{16}", "a world wide name of 16 hexadecimal digits", symbol=True)
OCTAL = Words(r"[0-7]+", "a file mode such as 0755", symbol=True)


@record(frozen=True)
class SchemaWords(Words):
    """Words that libvirt's schema alone narrows: its parser takes any text, and so does XML."""

    def from_xml(self, text: Text) -> Value | None:
        return Symbol(text.text) if self.symbol else text.text


@record(frozen=True)
class LowerCase(Words):
    """Words that mean the same in upper case; we keep and emit lower case, as libvirt does."""

    def read(self, value: Value) -> Value | Problem:
        return super().read(Symbol(value.lower()) if isinstance(value, str) else value)


@record(frozen=True)
class MacText(LowerCase):
    """A MAC address; libvirt also takes bytes of one digit (virMacAddrParse, src/util/virmacaddr.c 9.0.0)."""

    def from_xml(self, text: Text) -> Value | None:
        return super().from_xml(Text(":".join(byte.zfill(2) for byte in text.text.split(":"))))


MAC = MacText(r"[a-f0-9]{2}(:[a-f0-9]{2}){5}", "a MAC address such as 52:54:00:12:34:56", symbol=True)


@record(frozen=True)
class UuidText(LowerCase):
    """A UUID; libvirt also takes one without its dashes."""

    def from_xml(self, text: Text) -> Value | None:
        digits = text.text.replace("-", "").strip()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return super().from_xml(Text("-".join(parts)))


@record(frozen=True)
class SecretUuid(UuidText):
    """The UUID of a libvirt secret, or the program's own secret that has one: `secret(k)`."""

    def read(self, value: Value) -> Value | Problem:
        if not isinstance(value, Secret):
            return super().read(value)
        if value.param or not value.uuid:
            return Problem("has no UUID: write `uuid = …` in the secret" if not value.param else "is a value and no secret of libvirt")
        return Symbol(value.uuid)


_UUID = r"[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}"
SECRET_UUID = SecretUuid(_UUID, "the UUID of a secret of libvirt", symbol=True)
UUID = UuidText(_UUID, "a UUID", symbol=True)


@record(frozen=True)
class BareHex(Integer):
    """A number that libvirt reads as hexadecimal even without `0x` (base 16 in domain_conf.c and device_conf.c, 9.0.0)."""

    radix: int = 16

    def from_xml(self, text: Text) -> Value | None:
        digits = text.text.strip()
        return int(digits, 16) if re.fullmatch(r"(0[xX])?[0-9a-fA-F]+", digits) else None


PCI_DOMAIN = Integer(0, 0xFFFFFFFF, radix=16, digits=4)
PCI_BUS = Integer(0, 0xFF, radix=16, digits=2)
PCI_SLOT = Integer(0, 0x1F, radix=16, digits=2)
PCI_FUNCTION = Integer(0, 7, radix=16, digits=1)
HEX_2 = Integer(0, 0xFFFF, radix=16, digits=4)
"""A number of two bytes such as a USB vendor."""


def pci_parts(text: str) -> dict[str, Value] | None:
    """`0000:3b:00.0` → domain, bus, slot, function; the domain may be left out."""
    match = re.fullmatch(r"(?:([0-9a-fA-F]{1,8}):)?([0-9a-fA-F]{1,2}):([01]?[0-9a-fA-F])\.([0-7])", text)
    if match is None:
        return None
    domain, bus, slot, function = match.groups()
    return {"domain": int(domain or "0", 16), "bus": int(bus, 16), "slot": int(slot, 16), "function": int(function, 16)}


def pci_text(values: Mapping[str, Value]) -> str | None:
    """domain, bus, slot, function → `0000:3b:00.0`; None where one of them is missing or too large."""
    parts = [values.get(name) for name in ("domain", "bus", "slot", "function")]
    if any(not isinstance(each, int) for each in parts):
        return None
    domain, bus, slot, function = parts
    text = f"{domain:04x}:{bus:02x}:{slot:02x}.{function}"
    return text if pci_parts(text) == dict(zip(("domain", "bus", "slot", "function"), parts, strict=True)) else None


class Endpoint(Parts):
    """A server of network storage: `ceph-1:6789`, `[::1]:6789`, `rdma://host:port`, `unix:///run/socket`.

    Without a scheme the transport is libvirt's default, tcp (docs/formatdomain.rst 9.0.0, "Hard drives").
    """

    noun = 'a server such as "ceph-1:6789"'
    names = ("transport", "name", "port", "socket")
    _text = re.compile(r"(?:(tcp|rdma)://)?(?:\[([^\]\s]+)\]|([^:/\[\]\s]+)|([0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F.]*))(?::([0-9]+))?")

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, str) and (value.startswith("unix:///") or self._text.fullmatch(value)):
            return str(value)
        return Problem(f"is not {self.noun}")

    def to_parts(self, value: Value) -> dict[str, str]:
        assert isinstance(value, str)
        if value.startswith("unix://"):
            return {"transport": "unix", "socket": value.removeprefix("unix://")}
        match = self._text.fullmatch(value)
        assert match is not None
        transport, quoted, plain, ipv6, port = match.groups()
        parts = {"transport": transport, "name": quoted or plain or ipv6, "port": port}
        return {name: text for name, text in parts.items() if text is not None}

    def from_parts(self, parts: Mapping[str, str]) -> Value | None:
        if set(parts) == {"transport", "socket"} and parts["transport"] == "unix":
            text = f"unix://{parts['socket']}"
        elif "name" in parts and "socket" not in parts and parts.get("transport") != "unix":
            name = parts["name"]
            scheme = f"{parts['transport']}://" if "transport" in parts else ""
            text = scheme + (f"[{name}]" if ":" in name else name) + (f":{parts['port']}" if "port" in parts else "")
        else:
            return None
        known = not isinstance(self.read(text), Problem)
        return text if known and self.to_parts(text) == dict(parts) else None


class VlanTag(Parts):
    """A VLAN number, `42`, or the native one of a trunk with its mode, `"42/untagged"`."""

    noun = 'a VLAN from 0 to 4095, or one with its native mode such as "42/untagged"'
    names = ("id", "nativeMode")

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, int) and not isinstance(value, (bool, Quantity)):
            return value if 0 <= value <= 4095 else Problem("is not a VLAN number from 0 to 4095")
        match = re.fullmatch(r"([0-9]{1,4})(?:/(tagged|untagged))?", value) if isinstance(value, str) else None
        if match is None or int(match[1]) > 4095:
            return Problem(f"is not {self.noun}")
        return f"{int(match[1])}/{match[2]}" if match[2] else int(match[1])

    def to_parts(self, value: Value) -> dict[str, str]:
        number, _, mode = str(value).partition("/")
        return {"id": number} | ({"nativeMode": mode} if mode else {})

    def from_parts(self, parts: Mapping[str, str]) -> Value | None:
        if not set(parts) <= set(self.names) or not re.fullmatch("[0-9]+", parts.get("id", "")):
            return None
        read = self.read(f"{parts['id']}/{parts['nativeMode']}" if "nativeMode" in parts else int(parts["id"]))
        return None if isinstance(read, Problem) else read


class RamUsage(Parts):
    """A size of whole KiB with its unit beside it as `units`; other units stay XML."""

    noun = SIZE_KIB.noun
    names = ("usage", "units")

    def read(self, value: Value) -> Value | Problem:
        return SIZE_KIB.read(value)

    def to_parts(self, value: Value) -> dict[str, str]:
        return {"usage": SIZE_KIB.to_xml(value).text, "units": "KiB"}

    def from_parts(self, parts: Mapping[str, str]) -> Value | None:
        fits = set(parts) == {"usage", "units"} and parts["units"] == "KiB"
        return SIZE_KIB.from_xml(Text(parts["usage"])) if fits else None


class Cookie(Kind):
    """What a cookie of a network disk holds; libvirt forbids spaces, commas, semicolons and backslashes in it."""

    noun = "the text of a cookie"

    def read(self, value: Value) -> Value | Problem:
        fits = isinstance(value, str) and re.fullmatch(r'"?[!#-+\--:<-\[\]-~]+"?', value)
        return str(value) if fits else Problem(f"is not {self.noun}")

    def to_xml(self, value: Value) -> Text:
        return Text(str(value))

    def from_xml(self, text: Text) -> Value | None:
        return text.text if isinstance(self.read(text.text), str) else None


HOST = Endpoint()
VLAN = VlanTag()
COOKIE = Cookie()
RAM = RamUsage()


@record(frozen=True)
class Decimal(Integer):
    """A whole number that libvirt reads with base 10 alone."""

    def from_xml(self, text: Text) -> Value | None:
        return None if "x" in text.text.lower() else super().from_xml(text)


INDEX = Decimal(0)
"""Of a controller, bus, slot or port in an address (virDomainDeviceDriveAddressParseXML and its kin, src/conf/device_conf.c 9.0.0)."""
