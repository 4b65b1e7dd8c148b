"""Rules about the CPU by itself: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "model": "mode match check model vendor vendor_id",
    "features": "features migratable",
    "cache": "cache maxphysaddr",
    "bandwidth": "shares period global_period quota global_quota cpuset pin cachetune memorytune energytune",
}
