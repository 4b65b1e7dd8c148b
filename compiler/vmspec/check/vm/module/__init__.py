"""Rules about a memory module by itself.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"device": "block requested model label_size address uuid"}
