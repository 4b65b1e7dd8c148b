"""A sound card of the guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.kinds import AUDIO_ID, UINT32
from vmspec.model.kind import YES_NO, ListOf, OneOf


class Sound(Virtio, Device):
    """A sound card of the guest."""

    element = "devices/sound"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("sb16", "es1370", "pcspk", "ac97", "ich6", "ich7", "ich9", "usb", "virtio", since={"virtio": "10.5.0"}),
            "Model of the card; virtio since 10.4.0.",
            since="0.4.3",
        ),
    ] = None
    multichannel: Annotated[bool | None, Attr("@multichannel", YES_NO, "Whether a usb card has more than two channels.")] = None
    streams: Annotated[int | None, Attr("@streams", UINT32, "Number of streams of a virtio card.")] = None
    codecs: Annotated[
        tuple[str, ...], Attr("codec*/@type", ListOf(OneOf("duplex", "micro", "output")), "Codecs of an ich6 or ich9 card.", since="0.9.13")
    ] = ()
    audio: Annotated[int | None, Attr("audio/@id", AUDIO_ID, "The sound backend that it plays on.", since="6.7.0")] = None
