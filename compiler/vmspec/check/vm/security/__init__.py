"""Rules about labels, sysinfo and confidential memory.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"labels": "seclabel resource", "firmware_data": "sysinfo", "limits": "tpm launch_security blkiotune"}
