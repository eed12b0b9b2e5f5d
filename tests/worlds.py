"""Small seeded worlds that tests land."""

from pathlib import Path

import numpy as np
import pandas as pd

START = pd.Timestamp("2023-01-01")


def shop_orders(customers: int = 400, days: int = 420, seed: int = 3) -> pd.DataFrame:
    """Orders of a shop whose customers buy at their own pace and some of whom leave for good."""
    rng = np.random.default_rng(seed)
    pieces = []
    for number in range(customers):
        begin = rng.uniform(0, days * 0.6)
        leaves = begin + rng.exponential(days) if rng.random() < 0.6 else days
        gaps = rng.exponential(rng.choice([6.0, 14.0, 35.0]), size=200)
        times = begin + np.concatenate([[0.0], np.cumsum(gaps)])
        times = times[times < min(leaves, days)]
        amounts = rng.lognormal(3 + rng.normal(0, 0.4), 0.5, size=len(times)).round(2)
        pieces.append(pd.DataFrame({"customer": f"C{number:04d}", "day": times, "amount": amounts}))
    orders = pd.concat(pieces, ignore_index=True).sort_values("day", ignore_index=True)
    return pd.DataFrame(
        {
            "order_id": [f"O{i:06d}" for i in range(len(orders))],
            "source_customer_id": orders["customer"],
            "ordered_at": (START + pd.to_timedelta(orders["day"], unit="D")).dt.floor("s"),
            "order_amount": orders["amount"],
        }
    )


def write_shop(landing: Path) -> Path:
    """One orders CSV: the four required columns and one that nobody knows."""
    (landing / "orders").mkdir(parents=True)
    orders = shop_orders().assign(gift_wrap=lambda frame: frame.index % 7 == 0)
    orders.to_csv(landing / "orders" / "orders.csv", index=False)
    return landing
