"""Which USB devices may be redirected."""

from vmspec.model.block import Annotated, Attr, Block, Many
from vmspec.model.kind import YES_NO, Integer, Words

USB_CLASS = Integer(-1, 0xFF)
USB_ID = Integer(-1, 0xFFFF)


class UsbFilter(Block):
    """A rule; the first that fits a device decides. -1 fits all."""

    element = "usbdev"

    class_: Annotated[int | None, Attr("@class", USB_CLASS, "USB class.", since="0.10.2")] = None
    vendor: Annotated[int | None, Attr("@vendor", USB_ID, "Vendor id.", since="0.10.2")] = None
    product: Annotated[int | None, Attr("@product", USB_ID, "Product id.", since="0.10.2")] = None
    version: Annotated[
        str | None,
        Attr(
            "@version",
            Words(r"-1|[0-9]{1,2}.[0-9]{1,2}", 'a version such as "1.10", or -1', symbol=True),
            "Version of the device.",
            since="0.10.2",
        ),
    ] = None
    allow: Annotated[bool | None, Attr("@allow", YES_NO, "Whether such a device may be redirected.", since="0.10.2")] = None


class Redirfilter(Block):
    """Which USB devices may be redirected."""

    element = "devices/redirfilter"

    rules: Annotated[tuple[UsbFilter, ...], Many("The rules, in order.", implied="rule0", since="0.10.2")] = ()
