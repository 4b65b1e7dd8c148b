"""The guest's IOMMU."""

from vmspec.model.block import Block


class Iommu(Block):
    """The guest's IOMMU."""

    element = "devices/iommu"
