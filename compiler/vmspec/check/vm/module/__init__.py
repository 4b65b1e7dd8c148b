"""Rules about a memory module by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "virtio_mem_block": "block requested",
    "persistent_path": "model",
    "nvdimm_label": "label_size",
    "address_kind": "address",
}
