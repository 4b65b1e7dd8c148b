"""Rules about a shared file system: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"driver": ""}
