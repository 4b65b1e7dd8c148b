"""Rules about a host and the VMs on it, in the order of their numbers, with the features that call for them."""

RULES = {
    "pin_beyond_host": "vcpu cpu emulator iothread",
    "nodeset_beyond_host": "numa",
    "memory_short": "memory numa",
    "hugepages_short": "memory",
    "dedicated_shared": "vcpu cpu",
    "dedicated_housekeeping": "vcpu cpu",
    "dedicated_cpu_zero": "vcpu cpu",
    "float_on_isolated": "vcpu cpu",
    "vcpus_exceed_host": "cpu",
    "bridge_absent": "interface",
    "memory_apart_from_cpus": "numa vcpu cpu",
    "device_node": "hostdev",
    "iommu_group_split": "hostdev",
    "libvirt_too_old": "",
    "vendor_features": "hyperv launch_security",
    "kvm_architecture": "arch",
    "isolcpus_wrong": "kernel",
    "reserve_wrong": "reserve",
    "hugepages_exceed_node": "numa",
    "nodes_overlap": "numa",
}
