"""Clusters: groups of customers seen through a lens, that keep their names over time.

Belongs here: axes, methods, the choice of a clustering, its names, lineage and drift.
Does not: which lens there is (data_contracts/clusterings), reading and storing
(segmentry/models/clusters).
"""
