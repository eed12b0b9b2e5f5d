"""Targets of a date: labels, training, scores in batches, outcomes once they are known.

Not here: candidates, backtest and reasons, which are `ml.targets`.
"""
