"""Rules about interfaces together, in the order of their numbers, with the features that call for them."""

RULES = {
    "vhostuser_shared_memory": "interface",
    "teaming_partner": "interface",
}
