"""Rules about imported XML, in the order of their numbers, with the features that call for them."""

RULES = {
    "pin_beyond_vcpus": "vcpu cpu",
    "vcpu_beyond_vcpus": "vcpu",
    "duplicate_mac_in_vm": "interface",
    "name_slash": "name",
    "incomplete": "",
    "number_unread": "",
    "duplicate_entry": "",
}
