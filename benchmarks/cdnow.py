"""CDNOW: the standard data of lifetime value, as the package Lifetimes==0.11.3 carries them.

69,659 purchases of CDs by 23,570 customers whose first purchase was in the first quarter of 1997,
until the middle of 1998; and a tenth of the customers, the sample that papers publish fits of. The
files are read without importing the package.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pandas as pd

FILES = {"full": "CDNOW_master.txt", "sample": "CDNOW_sample.txt"}
START = date(1997, 1, 1)
END = date(1998, 7, 1)


def data_file(part: str) -> Path:
    """Where the installed package has the 'full' or the 'sample' file."""
    try:
        package = distribution("Lifetimes")
    except PackageNotFoundError as error:
        remedy = "pip install --no-deps Lifetimes==0.11.3"
        raise FileNotFoundError(f"CDNOW is not installed: {remedy}") from error
    return Path(str(package.locate_file(f"lifetimes/datasets/{FILES[part]}")))


def read_purchases(part: str) -> pd.DataFrame:
    """customer, day, amount: one order per customer and day, as in everything published.

    The sample's first column is the customer's number in the full file.
    """
    columns = ["customer", "day", "cds", "amount"]
    is_sample = part == "sample"
    frame = pd.read_csv(
        data_file(part),
        sep=r"\s+",
        header=None,
        skiprows=0 if is_sample else 1,
        names=["customer_of_full", *columns] if is_sample else columns,
        dtype={"customer": str, "customer_of_full": str},
    )
    frame["day"] = pd.to_datetime(frame["day"].astype(str), format="%Y%m%d")
    return frame.groupby(["customer", "day"], as_index=False)["amount"].sum()


def write_landing(purchases: pd.DataFrame, folder: Path) -> Path:
    """One orders file in the columns of the standard source."""
    orders = pd.DataFrame(
        {
            "order_id": purchases.index.astype(str),
            "source_customer_id": purchases["customer"],
            "ordered_at": purchases["day"] + pd.Timedelta(hours=12),
            "order_amount": purchases["amount"].round(2),
        }
    )
    (folder / "orders").mkdir(parents=True)
    orders.to_csv(folder / "orders" / "orders.csv", index=False)
    return folder
