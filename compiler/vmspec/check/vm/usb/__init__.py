"""Rules about USB controllers, ports and hubs, in the order of their numbers, with the features that call for them."""

RULES = {
    "disabled_and_used": "controller",
    "companion_without_master": "controller",
    "bus_missing": "input hub disk hostdev redirdev sound serial",
    "ports": "input hub disk hostdev redirdev",
    "device_address": "input redirdev",
    "duplicate_bus": "controller",
}
