"""Rules about VMs among one another, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_mac": "interface",
    "shared_image": "disk",
    "duplicate_uuid": "uuid",
    "shared_nvram": "firmware",
    "hostdev_twice": "hostdev interface",
    "duplicate_cid": "vsock",
    "graphics_port": "graphics",
    "socket_twice": "serial channel console interface",
    "file_twice": "serial parallel channel console redirdev tpm memory_device pstore",
    "start_after_unknown": "start_after restart",
    "start_after_ring": "start_after restart",
    "snp_version": "launch_security",
    "reference_elsewhere": "",
    "reference_near": "",
    "pool_undeclared": "",
    "portgroup_absent": "interface",
    "card_near": "",
    "no_effect_yet": "",
    "secret_incomplete": "",
    "nwfilter_rule": "",
}
