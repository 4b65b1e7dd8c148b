"""Rules about an input device, in the order of their numbers, with the features that call for them."""

RULES = {
    "bus_type": "bus type",
    "model_bus": "model",
    "source_missing": "type",
}
