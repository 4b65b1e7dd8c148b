"""Rules about what cannot migrate: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"blockers": "migration.allowed"}
