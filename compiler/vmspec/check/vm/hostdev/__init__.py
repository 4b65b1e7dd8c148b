"""Rules about a host device by itself: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"device": "address source boot teaming"}
