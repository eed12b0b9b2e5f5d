"""Buy-till-you-die models: how often and how long customers order, from their histories alone.

Belongs here: the likelihoods of orders and values, their fits, and their answers to a target.
Does not: when they are fitted and which targets share them (ml/targets/shared_btyd.py).
"""
