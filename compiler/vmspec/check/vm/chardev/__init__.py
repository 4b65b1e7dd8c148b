"""Rules about character devices, in the order of their numbers, with the features that call for them."""

RULES = {
    "source_missing": "serial console channel parallel redirdev rng smartcard",
    "reconnect": "serial console channel parallel redirdev",
    "spice_missing": "channel serial console redirdev",
    "spicevmc_target": "channel serial console parallel",
    "guestfwd": "channel",
    "isa_ports": "serial",
    "serial_target": "serial",
    "serial_machine": "serial parallel",
    "duplicate_channel": "channel",
    "smartcard_address": "smartcard",
    "certificates": "smartcard",
    "isa_ports_implied": "serial",
    "vdagent_target": "channel serial console parallel",
    "console_serial": "console",
    "port_number": "serial parallel console",
    "console_machine": "console",
}
