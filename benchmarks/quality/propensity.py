"""Any order within 7 days, on Complete Journey at 2017-09-30.

The date of the peers' test is not told. Their simple rule and the same one of ours show what the
date makes; the gain over it is what can be compared.
"""

from __future__ import annotations

from benchmarks.quality.comparison import (
    Figure,
    Peers,
    best_peer,
    demo_database,
    read_figures,
    table_lines,
)
from benchmarks.quality.inactivity import ORIGIN

PEERS: Peers = {
    "trips in 91 days": {"auc": 0.828},
    "logistic": {"auc": 0.8367},
    "LightGBM": {"auc": 0.8389, "ece": 0.011},
}
RULE = "trips in 91 days", "rule_orders_91d"


def gain_line(figure: Figure, our_rule: float) -> str:
    """Ours and the best peer's gain over the same simple rule."""
    name, best = best_peer(PEERS, "auc")
    their_rule = PEERS[RULE[0]]["auc"]
    theirs, ours = best - their_rule, figure.value - our_rule
    word = "within" if theirs - ours <= (figure.error or 0.0) else "NOT within"
    return (
        f"  auc over the simple rule: {word}; ours {ours:+.4f} over {our_rule:.4f}, "
        f"{name} {theirs:+.4f} over {their_rule:.4f}"
    )


def report() -> list[str]:
    """The table of purchase_7d, by level and by gain over the simple rule."""
    database = demo_database()
    if database is None:
        return ["no serving database; run the demo first"]
    ours, rules = read_figures(database, ORIGIN)
    if "purchase_7d" not in ours:
        return [f"purchase_7d: NOT tested at {ORIGIN}", ""]
    lines = table_lines(f"purchase_7d at {ORIGIN}", ours["purchase_7d"], PEERS, ("auc",))
    rule = rules.get(("purchase_7d", RULE[1]))
    if rule is not None:
        lines.append(gain_line(ours["purchase_7d"]["auc"], rule))
    return [*lines, ""]
