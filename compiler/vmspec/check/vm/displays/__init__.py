"""Rules about displays and cards together.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {"screens": "graphics video", "audio": "sound graphics audio"}
