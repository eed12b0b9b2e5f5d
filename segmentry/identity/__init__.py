"""Who is who: new evidence out of the warehouse, resolved groups into it.

Not here: the rules by which identifiers become one person, which is `ml.identity`.
"""
