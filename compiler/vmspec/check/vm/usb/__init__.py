"""Rules about USB controllers, ports and hubs.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"buses": "controller input hub disk hostdev redirdev sound serial"}
