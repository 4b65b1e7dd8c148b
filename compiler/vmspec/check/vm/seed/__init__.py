"""Rules about the seed of a guest: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"forms": "", "cloud": "user_data cloud_config network_config", "systems": "ignition unattend"}
