"""Rules about firmware and boot, in the order of their numbers, with the features that call for them."""

RULES = {
    "auto_with_loader": "firmware",
    "features_without_auto": "firmware",
    "keys_without_secure_boot": "firmware",
    "loader_missing": "firmware",
    "stateless_nvram": "firmware",
    "bios_nvram": "firmware",
    "efi_without_acpi": "firmware features",
    "secure_loader": "firmware",
    "initrd_without_kernel": "boot",
    "menu_timeout": "boot",
    "smbios_sysinfo": "boot",
    "sysinfo_unused": "sysinfo",
    "useserial": "firmware",
}
