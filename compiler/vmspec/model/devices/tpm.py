"""A trusted platform module."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import PATH, SECRET_UUID, UINT8
from vmspec.model.kind import NAME, PRESENCE, YES_NO, OneOf


class PcrBanks(Block):
    """The banks that a new emulated module starts with."""

    element = "backend/active_pcr_banks"

    sha1: Annotated[bool | None, Attr("sha1", PRESENCE, "Bank of SHA-1.", since="7.10.0")] = None
    sha256: Annotated[bool | None, Attr("sha256", PRESENCE, "Bank of SHA-256.", since="7.10.0")] = None
    sha384: Annotated[bool | None, Attr("sha384", PRESENCE, "Bank of SHA-384.", since="7.10.0")] = None
    sha512: Annotated[bool | None, Attr("sha512", PRESENCE, "Bank of SHA-512.", since="7.10.0")] = None


class TpmProfile(Block):
    """What a new emulated TPM 2.0 offers."""

    element = "backend/profile"

    source: Annotated[str | None, Attr("@source", NAME, "Profile of swtpm to start from.", since="10.10.0")] = None
    remove_disabled: Annotated[
        str | None,
        Attr("@removeDisabled", OneOf("check", "fips-host"), "Whether algorithms that FIPS forbids are dropped.", since="10.10.0"),
    ] = None
    name: Annotated[str | None, Attr("@name", NAME, "Its name; libvirt writes it.", since="10.10.0")] = None


class Tpm(Device):
    """A trusted platform module."""

    element = "devices/tpm"

    model: Annotated[
        str | None,
        Attr("@model", OneOf("tpm-tis", "tpm-crb", "tpm-spapr", "spapr-tpm-proxy"), "Model; tpm-crb is the one of TPM 2.0.", since="1.0.5"),
    ] = None
    backend: Annotated[
        str | None,
        Attr(
            "backend/@type",
            OneOf("emulator", "passthrough", "external"),
            "An own one of swtpm, the host's, or one elsewhere.",
            since="1.0.5",
            default="emulator",
        ),
    ] = None
    version: Annotated[str | None, Attr("backend/@version", OneOf("1.2", "2.0"), "Version of the standard.", since="3.0.0")] = None
    device: Annotated[str | None, Attr("backend/device/@path", PATH, "The host's TPM, /dev/tpm0.", since="1.0.5")] = None
    persistent_state: Annotated[
        bool | None, Attr("backend/@persistent_state", YES_NO, "Whether the state outlives a transient guest.", since="7.0.0")
    ] = None
    debug: Annotated[int | None, Attr("backend/@debug", UINT8, "Log level of swtpm.")] = None
    encryption_secret: Annotated[
        str | None, Attr("backend/encryption/@secret", SECRET_UUID, "UUID of libvirt's secret that encrypts the state.", since="5.6.0")
    ] = None
    pcr_banks: Annotated[PcrBanks | None, Sub("Banks of a new module.", since="7.10.0")] = None
    source_type: Annotated[
        str | None,
        Attr(
            "backend/source/@type",
            OneOf("unix", "file", "dir", since={"file": "10.10.0", "dir": "10.10.0"}),
            "Where it is: a socket (external), or where its state is (emulator).",
            since="9.0.0",
        ),
    ] = None
    source: Annotated[str | None, Attr("backend/source/@path", PATH, "Path of that.", since="9.0.0")] = None
    source_mode: Annotated[
        str | None, Attr("backend/source/@mode", OneOf("connect"), "How the socket is used: connect.", since="9.0.0")
    ] = None
    profile: Annotated[TpmProfile | None, Sub("What a new module offers.", since="10.10.0")] = None
