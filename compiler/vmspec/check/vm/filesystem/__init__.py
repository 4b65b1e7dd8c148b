"""Rules about a shared file system, in the order of their numbers, with the features that call for them."""

RULES = {
    "virtiofs_options": "driver",
    "modes_unmapped": "fmode dmode",
    "target_missing": "",
    "driver_unsupported": "driver source",
    "target_length": "target",
}
