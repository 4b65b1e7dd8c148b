"""Rules to come."""

RULES: dict[str, str] = {}
