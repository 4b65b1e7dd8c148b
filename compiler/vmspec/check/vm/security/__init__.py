"""Rules about labels, sysinfo and confidential memory, in the order of their numbers, with the features that call for them."""

RULES = {
    "two_tpms": "tpm",
    "seclabel_models": "seclabel",
    "seclabel_contradiction": "seclabel",
    "sysinfo_uuid": "sysinfo",
    "bios_date": "sysinfo",
    "fwcfg_name": "sysinfo",
    "sev_memlock": "launch_security",
    "resource_appid": "resource",
    "blkio_duplicate": "blkiotune",
}
