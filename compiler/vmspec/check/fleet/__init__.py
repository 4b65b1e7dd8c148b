"""Rules about VMs among one another: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "identity": "interface uuid vsock graphics",
    "sharing": ("disk firmware hostdev interface serial channel console parallel redirdev tpm memory_device pstore"),
    "references": "",
    "versions": "",
    "objects": "",
    "effects": "",
}
