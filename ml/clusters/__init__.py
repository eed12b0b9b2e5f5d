"""Clusterings: what is compared, candidates, choice, names, and who becomes whom.

Not here: reading the mart and giving ids in the warehouse, which is `segmentry.models.clusters`.
"""
