"""Rules about the guest's NUMA cells and where their memory lies, in the order of their numbers, with the features that call for them."""

RULES = {
    "cells_not_sum": "numa.cell",
    "cells_overlap": "numa.cell",
    "cells_beyond_vcpus": "numa.cell",
    "cells_gap": "numa.cell",
    "cells_missing_vcpus": "numa.cell",
    "cell_without_memory": "numa.cell",
    "distance_values": "numa.cell",
    "restrictive_mismatch": "numa",
    "nodeset_missing": "numa",
    "empty_nodeset": "numa",
    "hmat_references": "numa.latency numa.bandwidth",
    "cell_caches": "numa.cell",
    "interleave_with_hugepages": "numa.nodeset",
    "memnode_without_cell": "numa.cell",
}
