"""Rules about PCI addresses and topology.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"buses": "controller", "addresses": "", "builtin": ""}
