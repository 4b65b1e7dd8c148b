"""Rules about imported XML, in the order of their numbers, with the features that call for them."""

RULES = {
    "number_unread": "",
}
