"""The devices of a virtual machine, one file a kind of device."""
