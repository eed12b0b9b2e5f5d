"""Visits and ads of the small shop: shared browsers, logins, visits that run over midnight."""

import numpy as np
import pandas as pd

START = pd.Timestamp("2023-01-02")
DAYS = 470
ACTIONS = ["page_view", "product_view", "search", "add_to_cart", "checkout_start", "purchase"]
ACTIONS += ["remove_from_cart", "login", "feature_use", "video_progress"]
WEIGHTS = [0.3, 0.25, 0.12, 0.1, 0.05, 0.04, 0.03, 0.04, 0.04, 0.03]
# Many are awake in the nights before the dates of the proof.
NIGHTS = (pd.DatetimeIndex(["2023-04-30", "2023-09-12", "2024-03-31"]) - START).days
PAGES = ["/", "/pricing", "/cart", "/products", None]


def web_events(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """About twenty visits a browser, many of them late in the evening.

    Browser i belongs to customer i; every fourth is used by the next customer too, and at every
    fifth another logs in within a visit; the last ten belong to nobody. A visit logs in at some
    event, or never.
    """
    browsers, visits = customers + 10, 20 * (customers + 10)
    frame = pd.DataFrame({"browser": rng.integers(0, browsers, visits)})
    hours = np.where(
        rng.random(visits) < 0.5, rng.normal(23.8, 0.4, visits), 24 * rng.random(visits)
    )
    is_night = rng.random(visits) < 0.15
    hours = np.where(is_night, rng.normal(23.8, 0.2, visits), hours)
    days = np.where(is_night, rng.choice(NIGHTS, visits), rng.integers(0, DAYS, visits))
    frame["start"] = START + pd.to_timedelta(days * 24 + hours, unit="h")
    frame["login_at"] = rng.integers(0, 12, visits)
    shared = (frame["browser"] % 4 == 0) & (rng.random(visits) < 0.3)
    frame["customer"] = frame["browser"] + shared
    frame = frame.loc[frame.index.repeat(rng.integers(1, 9, visits))]
    frame["step"] = frame.groupby(level=0).cumcount()
    frame["customer"] += (frame["browser"] % 5 == 0) & (frame["step"] > 4)
    gaps = pd.Series(rng.exponential(400, len(frame)), index=frame.index)
    elapsed = pd.to_timedelta(gaps.groupby(level=0).cumsum(), unit="s")
    frame["occurred_at"] = (frame["start"] + elapsed).dt.floor("s")
    return _events(rng, frame.reset_index(drop=True), customers)


def _events(rng: np.random.Generator, frame: pd.DataFrame, customers: int) -> pd.DataFrame:
    """The columns of web_events for the steps of visits."""
    count = len(frame)
    known = (frame["step"] >= frame["login_at"]) & (frame["customer"] < customers)
    events = pd.DataFrame({"event_id": [f"E{i}" for i in range(count)]})
    events["occurred_at"] = frame["occurred_at"]
    events["event_type"] = rng.choice(ACTIONS, count, p=WEIGHTS)
    events["anonymous_id"] = "B" + frame["browser"].astype(str)
    events["source_customer_id"] = ("C" + frame["customer"].astype(str)).where(known, None)
    events["page"] = rng.choice(PAGES, count)
    events["product_id"] = [f"P{i}" for i in rng.integers(0, 30, count)]
    events["scroll_depth"] = rng.random(count).round(2)
    events["duration_seconds"] = rng.exponential(40, count).round()
    events["device_type"] = rng.choice(["phone", "desktop", "app"], count)
    events["region"] = rng.choice(["North", "South"], count)
    return events


def ad_touches(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """Ten touches a browser, some in dollars, some of nobody."""
    count = 10 * (customers + 10)
    touches = pd.DataFrame({"touch_id": [f"A{i}" for i in range(count)]})
    seconds = rng.integers(0, DAYS * 86_400, count)
    touches["occurred_at"] = START + pd.to_timedelta(seconds, unit="s")
    touches["platform"] = rng.choice(["google", "meta"], count)
    touches["touch_type"] = rng.choice(["impression", "click"], count, p=[0.7, 0.3])
    browser = pd.Series(rng.integers(0, customers + 10, count)).astype(str)
    touches["anonymous_id"] = ("B" + browser).where(rng.random(count) < 0.9, None)
    touches["cost_amount"] = rng.random(count).round(3)
    touches["currency"] = rng.choice(["EUR", "USD"], count)
    return touches
