"""Rules about switches of the machine, in the order of their numbers, with the features that call for them."""

RULES = {
    "tseg_machine": "features.smm",
    "dirty_ring_size": "features.kvm",
    "arch_features": "features",
    "tcg_cache": "features.tcg_tb_cache",
    "no_acpi": "features.apic features.pae",
    "hidden_dedicated": "features.kvm",
}
