"""How the product speaks: numbers, columns, conditions and the reasons of scores.

Belongs here: words, and the rules by which values are put into them. Not here: choosing what is
said to whom (segmentry/explain, segmentry/report).
"""
