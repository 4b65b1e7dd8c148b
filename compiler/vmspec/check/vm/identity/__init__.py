"""Rules about names and identities, in the order of their numbers, with the features that call for them."""

RULES = {
    "name_odd": "name",
    "uuid_zero": "uuid",
    "title_newline": "title",
    "machine_unversioned": "",
    "lifecycle": "events",
    "machine_unknown": "machine",
    "as_written": "as_written",
}
