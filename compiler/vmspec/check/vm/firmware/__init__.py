"""Rules about firmware and boot: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "loader": ("firmware.type firmware features firmware.loader_secure boot.bootloader boot.bootloader_args"),
    "nvram": "firmware.stateless firmware.nvram firmware.loader",
    "secure_boot": "firmware.secure_boot firmware.enrolled_keys firmware.type",
    "boot": "boot.initrd boot.cmdline boot.menu_timeout firmware.useserial",
    "smbios": "boot.smbios sysinfo",
}
