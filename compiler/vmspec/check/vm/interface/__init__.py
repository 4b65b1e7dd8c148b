"""Rules about a network interface by itself.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {
    "mac": "mac",
    "target": "target backend",
    "source": "",
    "driver": (
        "queues rx_queue_size tx_queue_size txmode ioeventfd event_idx rss rss_hash_report host_offload"
        " guest_offload iommu ats packed page_per_vq model driver"
    ),
    "bandwidth": "bandwidth",
    "link": "mtu vlan teaming virtualport",
    "addresses": "ip route source target_managed",
}
VM_TOPICS = {"together": "interface"}
"""Modules whose rules look at the whole VM."""
