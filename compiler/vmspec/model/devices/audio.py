"""A sound backend of the host."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.devices.kinds import INT, MICROSECONDS, PATH, UINT8, UINT32
from vmspec.model.kind import TEXT, YES_NO, OneOf
from vmspec.model.value import Duration


class AudioSettings(Block):
    """The format of the samples."""

    element = "settings"

    frequency: Annotated[int | None, Attr("@frequency", UINT32, "Samples in a second.", since="7.2.0")] = None
    channels: Annotated[int | None, Attr("@channels", UINT32, "Number of channels.", since="7.2.0")] = None
    format: Annotated[
        str | None, Attr("@format", OneOf("s8", "u8", "s16", "u16", "s32", "u32", "f32"), "Format of a sample.", since="7.2.0")
    ] = None


class AudioDirection(Block):
    """One direction of a sound backend; each type knows some of these."""

    mixing_engine: Annotated[bool | None, Attr("@mixingEngine", YES_NO, "Whether QEMU mixes the streams.", since="7.2.0")] = None
    fixed_settings: Annotated[bool | None, Attr("@fixedSettings", YES_NO, "Whether `settings` hold for all streams.", since="7.2.0")] = None
    voices: Annotated[int | None, Attr("@voices", UINT32, "Number of streams.", since="7.2.0")] = None
    buffer_length: Annotated[Duration | None, Attr("@bufferLength", MICROSECONDS, "Length of the buffer.", since="7.2.0")] = None
    dev: Annotated[str | None, Attr("@dev", PATH, "Device of the host (alsa, oss).", since="6.7.0")] = None
    buffer_count: Annotated[int | None, Attr("@bufferCount", UINT32, "Number of buffers (coreaudio, oss, sdl).", since="7.2.0")] = None
    try_poll: Annotated[bool | None, Attr("@tryPoll", YES_NO, "Whether polling is tried (oss).", since="7.2.0")] = None
    server_name: Annotated[str | None, Attr("@serverName", TEXT, "Name of the JACK server.", since="7.2.0")] = None
    client_name: Annotated[str | None, Attr("@clientName", TEXT, "Name of the JACK client.", since="7.2.0")] = None
    connect_ports: Annotated[str | None, Attr("@connectPorts", TEXT, "Expression that picks the JACK ports.", since="7.2.0")] = None
    exact_name: Annotated[bool | None, Attr("@exactName", YES_NO, "Whether the JACK name must be free.", since="7.2.0")] = None
    name: Annotated[str | None, Attr("@name", TEXT, "Sink or source (pulseaudio, pipewire).", since="7.2.0")] = None
    stream_name: Annotated[str | None, Attr("@streamName", TEXT, "Name of the stream (pulseaudio, pipewire).", since="7.2.0")] = None
    latency: Annotated[Duration | None, Attr("@latency", MICROSECONDS, "Latency to aim for (pulseaudio, pipewire).", since="7.2.0")] = None
    settings: Annotated[AudioSettings | None, Sub("The format of the samples.", since="7.2.0")] = None


class AudioInput(AudioDirection):
    """From the host to the guest."""

    element = "input"


class AudioOutput(AudioDirection):
    """From the guest to the host."""

    element = "output"


class Audio(Block):
    """A sound backend of the host."""

    element = "devices/audio"

    id: Annotated[int | None, Attr("@id", UINT8, "Number by which sound cards name it, from 1.", since="6.7.0")] = None
    type: Annotated[
        str | None,
        Attr(
            "@type",
            OneOf(
                "none",
                "alsa",
                "coreaudio",
                "dbus",
                "jack",
                "oss",
                "pipewire",
                "pulseaudio",
                "sdl",
                "spice",
                "file",
                since={"pipewire": "9.10.0"},
            ),
            "Kind of the backend; pipewire since 9.10.0.",
            since="7.2.0",
        ),
    ] = None
    timer_period: Annotated[Duration | None, Attr("@timerPeriod", MICROSECONDS, "How often sound is moved.", since="7.2.0")] = None
    try_mmap: Annotated[bool | None, Attr("@tryMMap", YES_NO, "Whether memory mapping is tried (oss).", since="7.2.0")] = None
    exclusive: Annotated[bool | None, Attr("@exclusive", YES_NO, "Whether the device is taken alone (oss).", since="7.2.0")] = None
    dsp_policy: Annotated[int | None, Attr("@dspPolicy", INT, "Timing policy; -1 for none (oss).", since="7.2.0")] = None
    server_name: Annotated[str | None, Attr("@serverName", TEXT, "Server (pulseaudio).", since="7.2.0")] = None
    driver: Annotated[str | None, Attr("@driver", OneOf("esd", "alsa", "arts", "pulseaudio"), "Driver of SDL.", since="7.2.0")] = None
    path: Annotated[str | None, Attr("@path", PATH, "File that takes the sound (file).", since="7.2.0")] = None
    runtime_dir: Annotated[str | None, Attr("@runtimeDir", PATH, "Directory of the PipeWire socket.", since="9.10.0")] = None
    input: Annotated[AudioInput | None, Sub("From the host to the guest.", since="7.2.0")] = None
    output: Annotated[AudioOutput | None, Sub("From the guest to the host.", since="7.2.0")] = None
