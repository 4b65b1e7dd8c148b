"""Rules about names and identities: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"name": "name uuid title", "machine": ""}
