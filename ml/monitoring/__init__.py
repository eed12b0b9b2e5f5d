"""How far a population moved from the one that was learned from, and whether that matters.

Not here: reading scores and outcomes (`segmentry.models.drift`), or deciding to train.
"""
