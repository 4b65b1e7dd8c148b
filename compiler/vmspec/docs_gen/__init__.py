"""The reference as Markdown pages and pictures: of the diagnostics, of the model, of the standard library and of the user's own sources."""
