"""Rules about a video card by itself: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"card": "", "options": "acceleration driver address iommu ats packed page_per_vq"}
