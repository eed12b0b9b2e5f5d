"""A synthetic omnichannel shop with known truth, written as its systems would export it.

What belongs here: who the people are, what they do, how each product spells and soils it. Pure
NumPy and Arrow, whole columns at a time; everything follows from the seed. What does not: reading
any of it (that is the pipeline, which knows only the exports and never the truth beside them).
"""
