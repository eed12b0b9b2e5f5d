"""Explanations of one customer: stage, scores with reasons, segments and what would change them.

Belongs here: what is read of one customer. Does not belong here: how it is printed.
"""
