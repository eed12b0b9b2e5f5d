"""The README's recipes, taken step by step on a copy of the project's files."""
