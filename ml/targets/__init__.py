"""Targets: what a customer will do next, as a number learned from past dates.

Belongs here: candidates, folds by date, exams, calibration, the choice, the fitted model, scoring.
Does not: how an estimator fits (ml/estimators), which target there is (data_contracts/targets),
reading and storing (segmentry/models/targets).
"""
