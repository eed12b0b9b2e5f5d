"""Texts of the small shop, and the Python that stands amid dbt's parts."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from segmentry.home import Home
from segmentry.signals.encoders import fit_encoders
from segmentry.signals.texts import score_texts
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import rows_of

ABOUT = {
    "delivery": ["parcel", "late", "courier", "tracking", "delivery", "doorstep"],
    "money": ["refund", "charged", "invoice", "payment", "card", "twice"],
    "size": ["size", "small", "shirt", "tight", "sleeve", "fitting"],
    "damage": ["broken", "screen", "cracked", "glass", "smashed", "box"],
    "login": ["login", "password", "account", "locked", "reset", "email"],
    "coupon": ["coupon", "discount", "code", "expired", "sale", "checkout"],
    "coffee": ["coffee", "bitter", "beans", "roast", "taste", "grinder"],
    "staff": ["staff", "shop", "branch", "queue", "manager", "opening"],
}
MOODS = ["terrible, I am angry!", "so it is", "thank you, I love it", "<b>awful</b> &amp; sad"]


def texts(
    rng: np.random.Generator, when, customers: int, number: int = 900
) -> dict[str, pd.DataFrame]:
    """Tickets and reviews with a text."""
    who = lambda count: [f"C{i}" for i in rng.integers(0, customers, count)]  # noqa: E731
    tickets = pd.DataFrame({"opened_at": when(number)})
    tickets["ticket_id"] = [f"TT{i}" for i in range(number)]
    tickets["source_customer_id"] = who(number)
    tickets["channel"] = rng.choice(["email", "chat", "phone"], number)
    tickets["body"] = _bodies(rng, number)
    reviews = pd.DataFrame({"created_at": when(number // 3)})
    reviews["review_id"] = [f"RR{i}" for i in range(len(reviews))]
    reviews["source_customer_id"] = who(len(reviews))
    reviews["kind"] = "review"
    reviews["body"] = _bodies(rng, len(reviews))
    return {"support_tickets": tickets, "reviews": reviews}


def _bodies(rng: np.random.Generator, count: int) -> list[str | None]:
    """Five words of one subject and a mood; a few are empty or in another script."""
    subjects = list(ABOUT.values())
    bodies: list[str | None] = [
        f"{' '.join(rng.choice(subjects[rng.integers(len(subjects))], 5))} {rng.choice(MOODS)}"
        for _ in range(count)
    ]
    for odd, text in enumerate([None, "", "ужасно", "很好"]):
        bodies[odd * 3] = text
    return bodies


@dataclass(frozen=True)
class HomeOf(Home):
    """A home whose warehouse is a file of any name."""

    file: Path

    @property
    def warehouse(self) -> Path:
        return self.file


def learn(path: Path, newest: datetime.date) -> None:
    """What the assets `encoders` and `text_signals` do, on the warehouse at `path`."""
    warehouse = Warehouse(HomeOf(path.parent / f"{path.stem}_home", path))
    tables = load_contracts().tables
    fitted = fit_encoders(warehouse, newest)
    for name, frames in (
        ("encoder_versions", fitted.versions),
        ("token_vectors", fitted.vectors),
        ("text_topics", fitted.topics),
    ):
        table = tables[f"core.{name}"]
        warehouse.replace(table, rows_of(table, frames), "false")
    score_texts(warehouse, tables["core.fct_text_signals"])
