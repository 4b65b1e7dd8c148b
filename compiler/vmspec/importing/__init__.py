"""libvirt definitions as sources: reading XML, fitting it to the model, writing it as `.vmspec`, and factoring out profiles."""
