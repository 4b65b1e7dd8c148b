"""Types that every layer uses: source text, spans, diagnostics, codes, provenance, and bounded reading of files."""
