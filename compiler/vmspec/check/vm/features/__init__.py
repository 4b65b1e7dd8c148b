"""Rules about switches of the machine, in the order of their numbers, with the features that call for them."""

RULES = {
    "tseg_machine": "features",
    "dirty_ring_size": "features",
    "arch_features": "features",
    "tcg_cache": "features",
    "no_acpi": "features",
    "hidden_dedicated": "features",
}
