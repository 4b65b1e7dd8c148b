"""Rules about the guest's IOMMU: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"device": "model intremap eim caching_mode iotlb aw_bits address"}
