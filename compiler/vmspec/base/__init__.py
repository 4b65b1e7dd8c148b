"""What every layer speaks in: source text, spans, diagnostics and their renderers."""
