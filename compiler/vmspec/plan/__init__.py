"""Plans: desired, last applied and actual state as data, and the classified changes between them. Nothing here touches a host."""
