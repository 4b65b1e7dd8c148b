"""What a machine's kernel and systemd say of each setting of a host, and of its guests' threads, against what was meant."""
