"""Rules about shared memory devices, in the order of their numbers, with the features that call for them."""

RULES = {
    "legacy_model": "",
    "size": "size",
    "server_model": "model msi msi_vectors server size",
    "name": "",
    "address": "address",
}
