"""A synthetic omnichannel shop with known truth, written as its systems would export it.

Here: who the people are, what they do, what is known of them for certain; `systems` has how each
product spells and spoils it. Pure NumPy and Arrow; everything follows from the seed. Not here:
reading any of it, which is the pipeline's: it knows the exports and never the truth beside them.
"""
