"""Signals: numbers made of free text and of categories, learned without labels.

Belongs here: text to words, topics, encoders.
Does not: reading texts and storing what was learned (segmentry/signals).
"""
