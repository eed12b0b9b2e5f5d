"""What is compared of records that share no identifier, and how: a Fellegi-Sunter model.

Not here: training and scoring, which Splink does in SQL (`segmentry.identity.likeness`).
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from data_contracts.definitions.given_names import NameTable, fold

COLUMNS = ("first_name", "last_name", "birth_date", "street", "postal_code", "city")
FREQUENT_TERMS = 2000
TERM_COLUMNS = ("first_name", "last_name", "street", "city")


def describe(records: pd.DataFrame, names: NameTable) -> pd.DataFrame:
    """What is compared, one row per record given (any columns beside COLUMNS stay as they are).

    Short forms become formal names where that is certain, `house` is the number in the street.
    """
    canonical = names.canonical
    text = {
        column: _each(records[column], fold)
        for column in ("first_name", "last_name", "street", "city")
    }
    first = text["first_name"].map(
        lambda name: canonical.get(name.split(" ")[0], name) if name else name
    )
    birth = records["birth_date"].astype(str).where(records["birth_date"].notna(), "")
    postal = _each(records["postal_code"], lambda code: fold(code).replace(" ", ""))
    described = records.assign(
        first_name=first,
        last_name=text["last_name"],
        birth_date=birth.str[:10],
        street=text["street"].str.replace(r"\d+", " ", regex=True).str.split().str.join(" "),
        house=text["street"].str.extract(r"(\d+)", expand=False).fillna(""),
        postal_code=postal,
        city=text["city"],
    )
    columns = [*COLUMNS, "house"]
    described[columns] = described[columns].astype(object).where(described[columns] != "", None)
    return described


def _each(column: "pd.Series", change: Callable[[str], str]) -> "pd.Series":
    """`change` applied once to each distinct text; null is the empty text."""
    code, unique = pd.factorize(column.fillna("").astype(str))
    changed = [change(text) for text in unique]
    return pd.Series([changed[i] for i in code], index=column.index, dtype=object)


def settings() -> dict[str, Any]:
    """The comparisons and what is worth comparing; probabilities come by training."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import block_on

    def name_levels(column: str) -> Any:
        return cl.CustomComparison(
            output_column_name=column,
            comparison_levels=[
                cll.NullLevel(column),
                cll.ExactMatchLevel(column, term_frequency_adjustments=True),
                cll.ColumnsReversedLevel("first_name", "last_name", symmetrical=True),
                cll.JaroWinklerLevel(column, 0.92),
                cll.JaroWinklerLevel(column, 0.8),
                cll.ElseLevel(),
            ],
        )

    rules = [
        block_on("birth_date"),
        block_on("first_name", "last_name"),
        block_on("street", "house"),
        block_on("last_name", "postal_code"),
        block_on("first_name", "postal_code"),
        block_on("house", "postal_code"),
        block_on("first_name", "city", "substr(birth_date, 1, 4)"),
        block_on("last_name", "city", "substr(birth_date, 1, 4)"),
        block_on("street", "postal_code"),
        block_on("street", "substr(birth_date, 1, 7)"),
        block_on("house", "city", "substr(first_name, 1, 1)"),
        block_on("last_name", "house"),
        block_on("first_name", "house", "substr(last_name, 1, 1)"),
        block_on(
            "substr(first_name, 1, 3)", "substr(last_name, 1, 3)", "substr(postal_code, 1, 2)"
        ),
        "l.first_name = r.last_name and l.last_name = r.first_name",
    ]
    comparisons = [
        name_levels("first_name"),
        name_levels("last_name"),
        cl.CustomComparison(
            output_column_name="birth_date",
            comparison_levels=[
                cll.NullLevel("birth_date"),
                cll.ExactMatchLevel("birth_date"),
                cll.DamerauLevenshteinLevel("birth_date", 1),
                cll.DamerauLevenshteinLevel("birth_date", 2),
                cll.ElseLevel(),
            ],
        ),
        cl.CustomComparison(
            output_column_name="street",
            comparison_levels=[
                cll.NullLevel("street"),
                cll.ExactMatchLevel("street", term_frequency_adjustments=True),
                cll.JaroWinklerLevel("street", 0.9),
                cll.ElseLevel(),
            ],
        ),
        cl.CustomComparison(
            output_column_name="house",
            comparison_levels=[
                cll.NullLevel("house"),
                cll.ExactMatchLevel("house"),
                cll.ElseLevel(),
            ],
        ),
        cl.CustomComparison(
            output_column_name="postal_code",
            comparison_levels=[
                cll.NullLevel("postal_code"),
                cll.ExactMatchLevel("postal_code"),
                cll.DamerauLevenshteinLevel("postal_code", 1),
                cll.ElseLevel(),
            ],
        ),
        cl.CustomComparison(
            output_column_name="city",
            comparison_levels=[
                cll.NullLevel("city"),
                cll.ExactMatchLevel("city", term_frequency_adjustments=True),
                cll.JaroWinklerLevel("city", 0.9),
                cll.ElseLevel(),
            ],
        ),
    ]
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "row_id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": rules,
    }


def frequent_terms(described: pd.DataFrame) -> dict[str, dict[str, float]]:
    """How frequent the frequent terms are, by column."""
    terms = {}
    for column in TERM_COLUMNS:
        shares = described[column].value_counts(normalize=True)[:FREQUENT_TERMS]
        terms[column] = {str(term): round(float(share), 9) for term, share in shares.items()}
    return terms
