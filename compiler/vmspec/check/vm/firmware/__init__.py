"""Rules about firmware and boot, in the order of their numbers, with the features that call for them."""

RULES = {
    "auto_with_loader": "firmware.type",
    "features_without_auto": "firmware.secure_boot firmware.enrolled_keys",
    "bios_secure_boot": "firmware.type",
    "keys_without_secure_boot": "firmware.enrolled_keys",
    "loader_missing": "firmware",
    "stateless_nvram": "firmware.stateless",
    "bios_nvram": "firmware.nvram",
    "efi_without_acpi": "firmware features",
    "secure_loader": "firmware.loader_secure",
    "initrd_without_kernel": "boot.initrd boot.cmdline",
    "menu_timeout": "boot.menu_timeout",
    "smbios_sysinfo": "boot.smbios",
    "sysinfo_unused": "sysinfo",
    "useserial": "firmware.useserial",
    "nvram_is_template": "firmware.nvram",
    "template_unknown": "firmware.loader",
    "bootloader": "boot.bootloader boot.bootloader_args",
}
