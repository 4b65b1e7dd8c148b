"""Rules about interfaces together, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_mac": "interface",
    "vhostuser_shared_memory": "interface",
    "teaming_partner": "interface",
}
