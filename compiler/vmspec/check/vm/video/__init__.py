"""Rules about a video card by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "model_missing": "",
    "qxl_memory": "ram vram64 vgamem",
    "vram_least": "vram",
    "heads": "heads",
    "resolution_model": "resolution",
    "acceleration": "acceleration",
    "vhostuser_model": "driver",
    "ramfb_address": "address",
    "virtio_options": "iommu ats packed page_per_vq",
}
