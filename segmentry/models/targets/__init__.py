"""Targets in the warehouse: labels, training, scoring, and outcomes of old scores.

Belongs here: reads and writes around ml/targets. Does not: fits and choices (ml/targets).
"""
