"""Estimators: parts that fit, give a margin, split it into contributions, and can be stored.

Belongs here: one file a method, and the parts that combine others. A new candidate is a file here
and a row of CANDIDATES in ml/targets/candidates.py.
Does not: dates, targets, choosing (ml/targets).
"""
