"""Rules about PCI addresses and topology, in the order of their numbers, with the features that call for them."""

RULES = {
    "root_ports": "controller",
    "duplicate_address": "",
    "domain_zero": "",
    "slot_range": "",
    "wrong_bus": "",
    "unknown_bus": "",
    "builtin_slot": "",
    "builtin_moved": "controller",
    "root_model_mismatch": "controller",
    "duplicate_index": "controller",
    "expander_node": "controller",
    "expander_machine": "controller",
    "function_without_zero": "",
    "unassigned_address": "",
}
