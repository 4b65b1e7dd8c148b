"""Rules about character devices: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "source": "serial console channel parallel redirdev rng smartcard",
    "target": "channel serial console parallel smartcard",
    "serial": "serial parallel console",
}
