"""The golden record: of all that records say of a customer, what survives, column by column."""

from collections.abc import Mapping, Sequence

import pandas as pd


def golden_records(
    versions: pd.DataFrame, survivorship: Mapping[str, str], trusted: Sequence[str]
) -> pd.DataFrame:
    """One row per customer_id, with the columns that `survivorship` names (column -> newest,
    oldest or most_trusted).

    versions: customer_id, identity_id, system, day, and the columns. A missing value never
    survives a given one. most_trusted: the system that stands first in `trusted` (any other
    comes last), then the newest. Ties go to the least identity_id.
    """
    rank = versions["system"].map({system: place for place, system in enumerate(trusted)})
    ranked = versions.assign(trust=rank.fillna(len(trusted)))
    result = pd.DataFrame(index=pd.Index(sorted(set(versions["customer_id"])), name="customer_id"))
    orders = {
        "newest": (["day", "trust", "identity_id"], [False, True, True]),
        "oldest": (["day", "trust", "identity_id"], [True, True, True]),
        "most_trusted": (["trust", "day", "identity_id"], [True, False, True]),
    }
    sorted_by = {
        way: ranked.sort_values(by, ascending=up)
        for way, (by, up) in orders.items()
        if way in survivorship.values()
    }
    for column, way in survivorship.items():
        given = sorted_by[way].dropna(subset=[column])
        result[column] = given.drop_duplicates("customer_id").set_index("customer_id")[column]
    return result.reset_index()
