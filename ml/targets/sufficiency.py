"""Whether the data say enough about a target, and if not, why, in words.

Minima are those that others in the field ask for: a hundred who did and a hundred who did not
(Segment's predictions), and never fewer than the two together. Fewer give an AUC whose standard
error is .03 and more, so that no candidate could be told from a simple rule.
"""

from __future__ import annotations

from data_contracts.definitions.target import Target
from ml.frames import History
from ml.origins import Plan


def not_enough_data(history: History, target: Target, plan: Plan) -> str | None:
    """Why a target cannot be trained, in words; None when it can."""
    if plan.newest is None:
        return (
            f"history is too short for {target.name}: no origin whose {target.horizon_days}-day "
            f"label ends by {plan.trained_as_of} has an earlier mature origin to learn from"
        )
    y = history.rows([plan.newest.origin]).y
    day = plan.newest.origin
    if not len(y):
        return f"at {day} nobody is in the population of {target.name}: {target.population}"
    positives = int(target.happened(y).sum())
    negatives = len(y) - positives
    if target.is_probability and not (positives and negatives):
        always = "always" if positives else "never"
        return f"the label of {target.name} is {always} true at {day}, for {len(y)} customers"
    counts = {
        "customers": (len(y), target.minimum_customers),
        "positives": (positives, target.minimum_positives),
    }
    if target.is_probability:
        counts["negatives"] = (negatives, target.minimum_negatives)
    short = [f"{n} {what}, {least} needed" for what, (n, least) in counts.items() if n < least]
    if not short:
        return None
    return f"too little data for {target.name} at {day}: " + "; ".join(short)
