"""Encoders and texts: which versions are due, fitted and stored; texts scored once.

Not here: how vectors and topics are learned, which is `ml.signals`.
"""
