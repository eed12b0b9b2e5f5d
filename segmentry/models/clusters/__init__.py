"""Clusterings of a date: fitted, matched with those before, assigned and described.

Not here: methods, names and matching themselves, which are `ml.clusters`.
"""
