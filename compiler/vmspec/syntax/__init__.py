"""Parser and formatter: source text to syntax tree and back. lark is imported only to compile the grammar."""
