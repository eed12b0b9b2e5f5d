"""Next products: which items a customer is likeliest to buy again or to discover.

Belongs here: histories, what is learned of items, pairs, rankers and how they are compared.
Does not: reading purchases and writing ranks (segmentry/models/next_products).
"""
