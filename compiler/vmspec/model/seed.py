"""What a guest is given for its first start: NoCloud of cloud-init, Ignition, or Windows' unattended answers."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, OpenMap
from vmspec.model.devices.kinds import ABSOLUTE
from vmspec.model.document import DOCUMENT, DOCUMENT_OR_TEXT
from vmspec.model.kind import TEXT
from vmspec.model.value import Value

IGNITION = "opt/com.coreos/config"
"""The name of fw_cfg that Ignition reads (docs/supported-platforms.md, "QEMU")."""


class Seed(Block):
    """What the guest is given for its first start; nothing of it but a drive, or a name in fw_cfg, stands in the definition."""

    user_data: Annotated[str | None, Attr(None, TEXT, 'User data of cloud-init as one text: `"""` with `#cloud-config`, or a script.')] = (
        None
    )
    cloud_config: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            DOCUMENT,
            "Cloud config by key, which profiles add to: the user data, or the vendor data of a guest that has `user-data` of its own.",
        ),
    ] = None
    meta_data: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            DOCUMENT, "Meta data of NoCloud, besides the instance id, which the lock keeps, and the name of the VM as `local-hostname`."
        ),
    ] = None
    network_config: Annotated[
        "Value | None", Attr(None, DOCUMENT_OR_TEXT, "Network configuration of NoCloud, version 1 or 2, as a text or a map.")
    ] = None
    ignition: Annotated[
        "Value | None", Attr(None, DOCUMENT_OR_TEXT, "Configuration of Ignition (Fedora CoreOS, Flatcar), as JSON or a map.")
    ] = None
    unattend: Annotated[str | None, Attr(None, TEXT, "`autounattend.xml` of Windows' setup.")] = None
    instance_id: Annotated[
        str | None, Attr(None, TEXT, "What cloud-init knows the guest by; the lock keeps it, and `vmc lock reseed` gives a new one.")
    ] = None
    path: Annotated[str | None, Attr(None, ABSOLUTE, "Where the image, or the file of Ignition, lies on the host.")] = None


def is_nocloud(seed: Seed) -> bool:
    """Whether cloud-init is to read it: all that is neither Ignition's nor Windows'."""
    return seed.ignition is None and seed.unattend is None
