"""Rules about switches of the machine: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {"machine": "features.smm features features.apic features.pae features.ps2", "accelerator": "features.kvm features.tcg_tb_cache"}
