"""Next products in the warehouse: histories, training, ranking.

Belongs here: reads and writes around ml/next_products. Does not: fits (ml/next_products).
"""
