"""Monitoring: how far today's customers, scores and outcomes are from those of training.

Belongs here: profiles of training rows, measures of drift and their limits.
Does not: which dates are compared, and the table of drift (segmentry/models/drift.py).
"""
