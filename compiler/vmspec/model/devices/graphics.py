"""A way to see the guest's screen."""

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.devices.kinds import ABSOLUTE, AUDIO_ID, IP_OR_NAME, PATH, PORT
from vmspec.model.kind import ON_OFF, PASSWORD, TEXT, YES_NO, OneOf, Words
from vmspec.model.value import Secret

DATE = Words(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    "a date such as 2030-01-31T12:00:00",
    parsed=True,
)
ANY_MODE = OneOf("any", "secure", "insecure")
COMPRESSION = OneOf("auto", "never", "always")
VNC_PASSWORD_BYTES = 8
"""What the protocol reads of a password; libvirt 9.0.0 refuses more (qemuValidateDomainDeviceDefVNCGraphics, src/qemu/qemu_validate.c)."""


class Listen(Block):
    """Where the server listens."""

    element = "listen"

    type: Annotated[
        str | None,
        Attr(
            "@type",
            OneOf("address", "network", "socket", "none"),
            "At an address, at that of a network, at a socket, or nowhere.",
            since="0.9.4",
        ),
    ] = None
    address: Annotated[str | None, Attr("@address", IP_OR_NAME, "The address; of a network libvirt writes it.", since="0.9.4")] = None
    network: Annotated[str | None, Attr("@network", TEXT, "The network of libvirt whose address is taken.", since="0.9.4")] = None
    socket: Annotated[str | None, Attr("@socket", PATH, "Path of the socket.", since="2.0.0")] = None


class Gl(Block):
    """OpenGL."""

    element = "gl"

    enable: Annotated[bool | None, Attr("@enable", YES_NO, "Whether OpenGL is used.", since="1.3.3")] = None
    rendernode: Annotated[str | None, Attr("@rendernode", ABSOLUTE, "The host's card, /dev/dri/renderDN.", since="3.1.0")] = None


class Graphics(Block):
    """A way to see the guest's screen."""

    element = "devices/graphics"

    type: Annotated[
        str | None,
        Attr(
            "@type",
            OneOf("vnc", "spice", "sdl", "rdp", "desktop", "egl-headless", "dbus"),
            "Kind: vnc and spice are servers, sdl and desktop windows of the host.",
        ),
    ] = None
    port: Annotated[int | None, Attr("@port", PORT, "TCP port; -1 lets libvirt choose.")] = None
    tls_port: Annotated[int | None, Attr("@tlsPort", PORT, "TCP port with TLS (spice).")] = None
    autoport: Annotated[bool | None, Attr("@autoport", YES_NO, "Whether libvirt chooses the ports.", unchecked=True)] = None
    websocket: Annotated[int | None, Attr("@websocket", PORT, "Port for web sockets (vnc); -1 lets libvirt choose.", since="1.0.6")] = None
    listen: Annotated[str | None, Attr("@listen", IP_OR_NAME, "Address to listen on; the same as the first `listener`.")] = None
    socket: Annotated[str | None, Attr("@socket", PATH, "Socket to listen on (vnc), in the form before 2.0.0.", since="0.8.8")] = None
    wait: Annotated[bool | None, Attr("@wait", YES_NO, "Whether the guest starts only with a viewer (vnc on bhyve).", since="11.10.0")] = (
        None
    )
    share_policy: Annotated[
        str | None,
        Attr(
            "@sharePolicy",
            OneOf("allow-exclusive", "force-shared", "ignore"),
            "Whether several viewers share the screen (vnc).",
            since="1.0.6",
        ),
    ] = None
    power_control: Annotated[
        bool | None, Attr("@powerControl", YES_NO, "Whether a viewer may stop and reset the guest (vnc).", since="7.1.0")
    ] = None
    username: Annotated[str | None, Attr("@username", TEXT, "User name (rdp).")] = None
    passwd: Annotated[
        str | Secret | None, Attr("@passwd", PASSWORD, "Password, in clear text in libvirt's files; empty: nobody is let in.")
    ] = None
    passwd_valid_to: Annotated[str | None, Attr("@passwdValidTo", DATE, "When the password ends, in UTC.")] = None
    keymap: Annotated[str | None, Attr("@keymap", TEXT, "Keyboard layout, such as de.")] = None
    connected: Annotated[
        str | None, Attr("@connected", OneOf("keep", "disconnect", "fail"), "What a new password does to viewers.", since="0.9.3")
    ] = None
    default_mode: Annotated[str | None, Attr("@defaultMode", ANY_MODE, "Whether Spice channels are encrypted.", since="0.9.12")] = None
    display: Annotated[str | None, Attr("@display", TEXT, "X display (sdl, desktop).")] = None
    xauth: Annotated[str | None, Attr("@xauth", TEXT, "File of X credentials (sdl).")] = None
    fullscreen: Annotated[bool | None, Attr("@fullscreen", YES_NO, "Whether the window fills the screen (sdl, desktop).")] = None
    replace_user: Annotated[bool | None, Attr("@replaceUser", YES_NO, "Whether a new viewer throws out the old (rdp).")] = None
    multi_user: Annotated[bool | None, Attr("@multiUser", YES_NO, "Whether several may connect (rdp).")] = None
    dbus_address: Annotated[str | None, Attr("@address", TEXT, "Address of the bus (dbus).", since="8.4.0")] = None
    p2p: Annotated[bool | None, Attr("@p2p", YES_NO, "Whether viewers connect without a bus (dbus).", since="8.4.0")] = None
    listener: Annotated[tuple[Listen, ...], Many("Where the server listens.", implied="listen0", since="0.9.4")] = ()
    audio: Annotated[int | None, Attr("audio/@id", AUDIO_ID, "The sound backend whose sound it carries.", since="7.2.0")] = None
    channels: Annotated[
        dict[str, str] | None,
        OpenMap(
            ANY_MODE,
            "Encryption of Spice channels by name: main, display, inputs, cursor, playback, record, smartcard, usbredir.",
            place="channel",
            key="@name",
            value="@mode",
        ),
    ] = None
    image_compression: Annotated[
        str | None,
        Attr(
            "image/@compression",
            OneOf("auto_glz", "auto_lz", "quic", "glz", "lz", "off"),
            "Compression of pictures (spice).",
            since="0.9.1",
        ),
    ] = None
    jpeg_compression: Annotated[
        str | None, Attr("jpeg/@compression", COMPRESSION, "Lossy compression on slow networks (spice).", since="0.9.1")
    ] = None
    zlib_compression: Annotated[
        str | None, Attr("zlib/@compression", COMPRESSION, "Compression on slow networks (spice).", since="0.9.1")
    ] = None
    playback_compression: Annotated[bool | None, Attr("playback/@compression", ON_OFF, "Compression of sound (spice).", since="0.9.1")] = (
        None
    )
    streaming: Annotated[
        str | None, Attr("streaming/@mode", OneOf("filter", "all", "off"), "Which changing areas are sent as video (spice).", since="0.9.2")
    ] = None
    clipboard: Annotated[bool | None, Attr("clipboard/@copypaste", YES_NO, "Whether the clipboard is shared (spice).", since="0.9.3")] = (
        None
    )
    mouse: Annotated[str | None, Attr("mouse/@mode", OneOf("server", "client"), "Who draws the pointer (spice).", since="0.9.11")] = None
    file_transfer: Annotated[
        bool | None, Attr("filetransfer/@enable", YES_NO, "Whether files may be dropped into the guest (spice).", since="1.2.2")
    ] = None
    gl: Annotated[Gl | None, Sub("OpenGL.", since="1.3.3")] = None
