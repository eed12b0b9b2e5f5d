"""Words for people: numbers, reasons, conditions and the phrases of features.

Not here: which number or condition is worth telling; whoever tells decides that.
"""
