"""The part of the seeded shop that tells of the relation: messages, help, loyalty, consent.

Every entity names people by the identifiers it would really have, and every value that becomes
known later than its row has such a later time somewhere in the data.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

When = Callable[[int], pd.DatetimeIndex]
SUBJECTS = [
    "20% off everything",
    "Have you seen this?",
    "New arrivals for you",
    "Last chance: ends today",
    "Our newsletter",
    None,
]
PLANS = {"basic": 5.0, "plus": 9.0, "pro": 19.0}


def relations(rng: np.random.Generator, customers: int, when: When) -> dict[str, pd.DataFrame]:
    """Frames by entity. when(count): so many random times within the world."""
    return {
        "message_events": _messages(rng, customers, when),
        "support_tickets": _tickets(rng, customers, when),
        "reviews": _reviews(rng, customers, when),
        "loyalty_events": _loyalty(rng, customers, when),
        **_subscriptions(rng, customers, when),
        "consents": _consents(rng, customers, when),
        **_offers(rng, customers, when),
        "accounts": _accounts(when),
    }


def _people(rng: np.random.Generator, customers: int, count: int) -> list[str]:
    return [f"C{i}" for i in rng.integers(0, customers, count)]


def _later(rng: np.random.Generator, times: pd.Series, days: float, share: float) -> pd.Series:
    """A later time for a share of the rows."""
    delay = pd.to_timedelta(rng.exponential(days, len(times)), unit="D").floor("s")
    return (times + delay).where(rng.random(len(times)) < share)


def _messages(rng: np.random.Generator, customers: int, when: When) -> pd.DataFrame:
    """Sendings, what followed some of them days later, and some events without a message id."""
    count = 30 * customers
    sent = pd.DataFrame({"occurred_at": when(count), "event_type": "sent"})
    sent["channel"] = rng.choice(["email", "sms", "push"], count, p=[0.6, 0.2, 0.2])
    sent["message_id"] = [f"M{i}" for i in range(count)]
    sent["source_customer_id"] = _people(rng, customers, count)
    sent["subject"] = np.where(sent["channel"] == "email", rng.choice(SUBJECTS, count), None)
    parts = [sent]
    for event_type, days, share in (
        ("opened", 2.0, 0.5),
        ("opened", 20.0, 0.1),
        ("clicked", 3.0, 0.3),
        ("bounced", 0.5, 0.03),
        ("complained", 5.0, 0.03),
        ("unsubscribed", 9.0, 0.03),
    ):
        times = _later(rng, sent["occurred_at"], days, share)
        parts.append(
            sent.assign(occurred_at=times, event_type=event_type, subject=None).dropna(
                subset=["occurred_at"]
            )
        )
    events = pd.concat(parts, ignore_index=True)
    events.loc[rng.random(len(events)) < 0.02, "message_id"] = None
    by_address = rng.random(len(events)) < 0.1
    events["email"] = np.where(by_address, events["source_customer_id"] + "@x.example", None)
    events.loc[by_address, "source_customer_id"] = None
    return events.assign(event_id=[f"E{i}" for i in range(len(events))])


def _tickets(rng: np.random.Generator, customers: int, when: When) -> pd.DataFrame:
    count = 3 * customers
    tickets = pd.DataFrame({"opened_at": pd.Series(when(count))})
    tickets["ticket_id"] = [f"T{i}" for i in range(count)]
    tickets["source_customer_id"] = _people(rng, customers, count)
    tickets["channel"] = rng.choice(["email", "chat", "phone", None], count)
    tickets["closed_at"] = _later(rng, tickets["opened_at"], 10, 0.8)
    tickets["rated_at"] = _later(rng, tickets["closed_at"], 10, 0.6)
    score = pd.Series(rng.choice([0.0, 0.5, 1.0], count))
    tickets["satisfaction_score"] = score.where(tickets["rated_at"].notna())
    return tickets


def _reviews(rng: np.random.Generator, customers: int, when: When) -> pd.DataFrame:
    count = 2 * customers
    return pd.DataFrame(
        {
            "review_id": [f"R{i}" for i in range(count)],
            "created_at": when(count),
            "kind": rng.choice(["review", "survey"], count),
            "source_customer_id": _people(rng, customers, count),
            "rating": rng.choice([1.0, 3.0, 4.0, 5.0, None], count).astype(float),
        }
    )


def _loyalty(rng: np.random.Generator, customers: int, when: When) -> pd.DataFrame:
    count = 10 * customers
    events = pd.DataFrame({"occurred_at": when(count)})
    events["event_id"] = [f"L{i}" for i in range(count)]
    events["loyalty_id"] = [f"card-{i}" for i in rng.integers(0, customers, count)]
    events["event_type"] = rng.choice(
        ["join", "earn", "redeem", "tier_change"], count, p=[0.1, 0.6, 0.2, 0.1]
    )
    events["points"] = rng.integers(1, 200, count).astype(float)
    events.loc[events["event_type"] == "tier_change", "points"] = np.nan
    tiers = pd.Series(rng.choice(["silver", "gold"], count))
    events["tier"] = tiers.where(events["event_type"] == "tier_change")
    return events


def _subscriptions(rng: np.random.Generator, customers: int, when: When) -> dict[str, pd.DataFrame]:
    count = customers // 2
    started = pd.DataFrame({"started_at": pd.Series(when(count))})
    started["subscription_id"] = [f"S{i}" for i in range(count)]
    started["source_customer_id"] = _people(rng, customers, count)
    started["plan"] = rng.choice(list(PLANS), count)
    started["monthly_amount"] = started["plan"].map(PLANS)
    started["currency"] = rng.choice(["EUR", "USD"], count)
    events = started.loc[started.index.repeat(6), ["subscription_id", "started_at"]]
    events = events.reset_index(drop=True)
    delay = pd.to_timedelta(rng.uniform(1, 200, len(events)), unit="D").floor("s")
    events["occurred_at"] = events.pop("started_at") + delay
    events["event_type"] = rng.choice(
        ["renewed", "plan_changed", "payment_failed", "cancelled"],
        len(events),
        p=[0.5, 0.2, 0.2, 0.1],
    )
    plan = pd.Series(rng.choice(list(PLANS), len(events)))
    changed = events["event_type"] == "plan_changed"
    events["plan"] = plan.where(changed)
    events["monthly_amount"] = plan.map(PLANS).where(changed)
    renewal = events["occurred_at"] + pd.Timedelta(days=30)
    events["next_renewal_at"] = renewal.where(events["event_type"] == "renewed")
    return {"subscriptions": started, "subscription_events": events}


def _consents(rng: np.random.Generator, customers: int, when: When) -> pd.DataFrame:
    """Some decisions contradict another of the same second."""
    count = 6 * customers
    decisions = pd.DataFrame({"recorded_at": when(count)})
    decisions["source_customer_id"] = _people(rng, customers, count)
    decisions["purpose"] = rng.choice(["email", "sms", "push", "ads", "profiling"], count)
    decisions["status"] = rng.choice(["granted", "denied", "withdrawn"], count)
    decisions["origin"] = rng.choice(["form", "call"], count)
    contrary = decisions.sample(20, random_state=5).assign(status="denied")
    return pd.concat([decisions, contrary], ignore_index=True)


def _offers(rng: np.random.Generator, customers: int, when: When) -> dict[str, pd.DataFrame]:
    assigned = pd.DataFrame({"assigned_at": pd.Series(when(3 * customers))})
    assigned["source_customer_id"] = _people(rng, customers, len(assigned))
    assigned["campaign_id"] = [f"K{i}" for i in rng.integers(0, 8, len(assigned))]
    assigned = assigned.drop_duplicates(["source_customer_id", "campaign_id"])
    assigned["arm"] = rng.choice(["treatment", "control"], len(assigned), p=[0.8, 0.2])
    assigned["is_randomised"] = True
    redeemed = assigned[["source_customer_id", "campaign_id"]].reset_index(drop=True)
    redeemed["redeemed_at"] = _later(rng, assigned["assigned_at"].reset_index(drop=True), 20, 0.5)
    redeemed = redeemed.dropna(subset=["redeemed_at"])
    redeemed = redeemed.assign(
        coupon_code="SAVE", redemption_id=[f"D{i}" for i in range(len(redeemed))]
    )
    return {"campaign_assignments": assigned, "coupon_redemptions": redeemed}


def _accounts(when: When) -> pd.DataFrame:
    accounts = pd.DataFrame({"account_id": [f"A{i}" for i in range(4)]})
    accounts["account_name"] = [f"Company {i}" for i in range(4)]
    accounts["industry"] = ["retail", "trade", None, "retail"]
    accounts["employees"] = pd.array([5, 50, 500, None], dtype="Int64")
    accounts["updated_at"] = pd.Series(when(4))
    accounts.loc[0, "updated_at"] = pd.NaT
    return accounts


def join_accounts(rng: np.random.Generator, customers: pd.DataFrame) -> pd.DataFrame:
    """Half of the described customers buy for a business; a third of them were described later."""
    frame = customers.copy()
    frame["account_id"] = [f"A{i}" for i in rng.integers(0, 4, len(frame))]
    frame.loc[rng.random(len(frame)) < 0.5, "account_id"] = None
    frame["updated_at"] = _later(rng, frame["created_at"], 60, 0.3)
    return frame
