"""Signals from sequences and texts: vectors of tokens, mood, topics.

Not here: which versions are due and where they are stored (`segmentry.signals`).
"""
