"""Buy till you die: laws of how often customers order and when they stop, fitted by likelihood.

Not here: linear models and trees, which read every feature.
"""
