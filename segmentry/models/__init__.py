"""Models: when they are trained, what is stored of them, which version is in force, its drift.

Belongs here: planning, registry, decisions of people, and a folder for each of targets, clusters
and next products, whose trainers read, train, compare and return rows; storing writes them.
Does not: any fit (ml), who is in a segment (segmentry/segments).
"""
