"""Rules about what cannot migrate, in the order of their numbers, with the features that call for them."""

RULES = {
    "hostdev": "migration.allowed",
    "virtiofs": "migration.allowed",
    "invtsc": "migration.allowed",
    "host_passthrough": "migration.allowed",
    "local_storage": "migration.allowed",
    "cache_mode": "migration.allowed",
    "confidential": "migration.allowed",
}
