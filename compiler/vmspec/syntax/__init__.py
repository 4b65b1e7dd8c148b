"""From text to syntax tree and back to text; the only place that imports lark, and only to compile the grammar."""
