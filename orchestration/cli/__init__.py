"""The command line: what a person types, and how answers look on a terminal or as JSON.

The only room of typer and rich. Not here: reading the warehouse, or deciding anything.
"""
