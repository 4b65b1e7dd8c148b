"""Rules about memory and how the host provides it.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {
    "size": "",
    "hugepages": "memory.hugepages memory.pages memory.access",
    "limits": "memory.hard_limit memory.locked memory.min_guarantee hostdev",
    "modules": "memory_device",
}
