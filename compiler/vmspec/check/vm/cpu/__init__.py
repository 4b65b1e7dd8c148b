"""Rules about the CPU by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "features_without_model": "features",
    "custom_without_model": "mode match check",
    "check_without_model": "check",
    "migratable_mode": "migratable",
    "model_dropped": "model",
    "vendor_without_model": "vendor",
    "vendor_id_length": "vendor_id",
    "cache_mode": "cache",
    "maxphysaddr_bits": "maxphysaddr",
    "shares_range": "shares",
    "period_range": "period global_period",
    "quota_range": "quota global_quota",
    "quota_above_global": "global_quota",
    "empty_cpuset": "cpuset pin",
    "cachetune_overlap": "cachetune memorytune",
    "sve_lengths": "features",
    "check_dropped": "check",
    "model_unknown": "model",
    "feature_unknown": "features",
    "feature_of_other_vendor": "features",
}
