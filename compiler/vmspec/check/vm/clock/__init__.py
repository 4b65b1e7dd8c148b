"""Rules about clock and timers: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"timers": "clock.timer", "offset": "clock.offset clock.timezone clock.start"}
