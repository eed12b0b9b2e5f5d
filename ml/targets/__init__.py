"""Targets: candidates, backtest over time, calibration, choice, scores and their reasons.

Not here: reading labels and storing versions, which is `segmentry.models.targets`.
"""
