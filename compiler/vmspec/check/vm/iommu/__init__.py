"""Rules about the guest's IOMMU, in the order of their numbers, with the features that call for them."""

RULES = {
    "machine": "model",
    "interrupts": "intremap eim",
    "options": "intremap caching_mode eim iotlb aw_bits address",
    "vfio_caching_mode": "model",
}
