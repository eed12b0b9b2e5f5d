"""Next products of a date: purchases laid out, rankers trained, everybody ranked.

Not here: the rankers and their comparison, which are `ml.next_products`.
"""
