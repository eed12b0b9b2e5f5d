"""Model parts that fit, say a margin, split it by feature, and come back from a dictionary.

Not here: which of them compete for a target (`ml.targets.candidates`), and labels over time.
"""
