"""What each customer is likeliest to buy next: histories, rankers, their comparison.

Not here: laying out purchases in the warehouse, which is `segmentry.models.next_products`.
"""
