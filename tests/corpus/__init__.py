"""libvirt's own test corpus, fetched at test time and never committed."""
