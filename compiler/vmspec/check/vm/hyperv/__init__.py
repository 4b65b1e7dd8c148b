"""Rules about enlightenments: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"enlightenments": "vpindex spinlocks vendor_id synic stimer tlbflush ipi evmcs relaxed vapic mode"}
