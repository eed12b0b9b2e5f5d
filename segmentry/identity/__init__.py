"""Identity: evidence out of the warehouse, resolved by `ml/identity`, people back into it.

Here belongs what reads and writes the tables of `identity`; not the rules of resolving (ml), not
what a person bought or is likely to do.
"""
