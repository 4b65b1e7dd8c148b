"""Rules about enlightenments, in the order of their numbers, with the features that call for them."""

RULES = {
    "vpindex_without_kvm": "vpindex",
    "spinlock_retries": "spinlocks",
    "vendor_id_value": "vendor_id",
    "dependencies": "synic stimer tlbflush ipi evmcs",
    "without_kvm": "relaxed vapic synic",
    "passthrough_migration": "mode",
}
