"""Lowering: typed objects, derived settings and identities, the lock, and the layout of addresses."""
