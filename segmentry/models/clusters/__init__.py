"""Clusterings in the warehouse: fitting, assigning, and what each cluster bought next.

Belongs here: reads and writes around ml/clusters. Does not: fits and names (ml/clusters).
"""
