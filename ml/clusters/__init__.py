"""Clusterings: fit, choose, assign, carry ids on, describe and name clusters.

Belongs here: arrays and frames in, arrays and frames out. Not here: the words for habits and
values (data_contracts/phrases.yaml), reading features and storing versions (segmentry/models).
"""
