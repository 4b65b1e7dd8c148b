"""Rules about a display server by itself.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"listen": "port listener type autoport", "access": "passwd p2p"}
