"""Rules about what cannot migrate, in the order of their numbers, with the features that call for them."""

RULES = {
    "hostdev": "migration",
    "virtiofs": "migration",
    "invtsc": "migration",
    "host_passthrough": "migration",
    "local_storage": "migration",
    "cache_mode": "migration",
    "confidential": "migration",
}
