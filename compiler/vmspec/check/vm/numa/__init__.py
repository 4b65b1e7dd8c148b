"""Rules about the guest's NUMA cells and where their memory lies.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"cells": "numa.cell", "host_nodes": "numa numa.nodeset numa.cell", "distances": "numa.cell numa.latency numa.bandwidth"}
