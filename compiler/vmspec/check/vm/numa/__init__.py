"""Rules about the guest's NUMA cells and where their memory lies, in the order of their numbers, with the features that call for them."""

RULES = {
    "cells_not_sum": "numa memory",
    "cells_overlap": "numa",
    "cells_beyond_vcpus": "numa cpu",
    "cells_gap": "numa",
    "cells_missing_vcpus": "numa cpu",
    "cell_without_memory": "numa",
    "distance_values": "numa",
    "restrictive_mismatch": "numa",
    "nodeset_missing": "numa",
    "empty_nodeset": "numa",
    "hmat_references": "numa",
    "cell_caches": "numa",
    "interleave_with_hugepages": "numa memory",
    "memnode_without_cell": "numa",
}
