"""Who is who: identifiers are normalised, joined by edges, and resolved in the order of time.

Belongs here: rules over arrays and frames that say which identifiers are one person since when.
Does not belong here: reading evidence, writing tables, the secret of the ids, the clock.
"""
