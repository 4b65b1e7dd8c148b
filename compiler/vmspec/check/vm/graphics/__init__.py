"""Rules about a display server by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "vnc_port": "port",
    "vnc_password": "passwd",
    "listen_network": "listener",
    "dbus_p2p": "p2p",
    "open_listener": "type",
    "listen_mismatch": "listener",
    "port_and_autoport": "autoport",
}
