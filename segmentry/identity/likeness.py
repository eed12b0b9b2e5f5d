"""How alike records are that share no identifier: the Fellegi-Sunter model by Splink, on DuckDB.

The model is data: Splink's settings with the trained probabilities, and how frequent each term
was when it was trained. Scoring reads nothing else, so that the same two records score the same
in every run, however many others there are.
"""

import json
from typing import Any

import pandas as pd

from ml.identity.matching import COLUMNS, frequent_terms, settings
from segmentry.warehouse.engines.duckdb import open_in_memory

MOST_PAIRS = 2_000_000
SEED = 7


def train(described: pd.DataFrame) -> str:
    """Fit a model on described records (`row_id` names each, `is_new` as in `score`) -> JSON."""
    from splink import block_on

    with open_in_memory() as connection:
        _, linker = _linker(described, settings(), connection)
        linker.training.estimate_probability_two_random_records_match(
            [
                block_on("first_name", "last_name", "birth_date"),
                block_on("first_name", "last_name", "street", "house"),
                block_on("last_name", "street", "house", "birth_date"),
            ],
            recall=0.7,
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=SEED)
        for rule in (
            block_on("birth_date", "postal_code"),
            block_on("first_name", "last_name"),
            block_on("street", "house", "postal_code"),
        ):
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, max_pairs=MOST_PAIRS
            )
        model = linker.misc.save_model_to_json()
        return json.dumps({"settings": model, "terms": frequent_terms(described)}, sort_keys=True)


def score(described: pd.DataFrame, model: str, least: float) -> pd.DataFrame:
    """Pairs of `row_id` (left_id < right_id) whose probability is `least` or more.

    `is_new` (0 or 1) says which rows have not been compared yet: old ones are not compared again.
    """
    loaded = json.loads(model)
    for rule in loaded["settings"]["blocking_rules_to_generate_predictions"]:
        rule["blocking_rule"] = f"({rule['blocking_rule']}) and (l.is_new + r.is_new > 0)"
    with open_in_memory() as connection:
        api, linker = _linker(described, loaded["settings"], connection)
        for column, terms in loaded["terms"].items():
            name = f"terms_of_{column}"
            frame = pd.DataFrame({column: [*terms], f"tf_{column}": [*terms.values()]})
            connection.register(name, frame.astype({column: "object", f"tf_{column}": "float64"}))
            linker.table_management.register_term_frequency_lookup(api.register(name), column)
        alike = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
        pairs = connection.execute(
            f"select row_id_l, row_id_r, match_probability from {alike.physical_name}"
        ).df()
    left = pairs[["row_id_l", "row_id_r"]].min(axis=1)
    right = pairs[["row_id_l", "row_id_r"]].max(axis=1)
    scored = pd.DataFrame(
        {"left_id": left, "right_id": right, "probability": pairs["match_probability"]}
    )
    return scored.sort_values(["left_id", "right_id"], ignore_index=True)


def worth_comparing(model: str, relation: str) -> str:
    """SQL for the row_id of the new rows, and of those that a blocking rule holds against one."""
    rules = json.loads(model)["settings"]["blocking_rules_to_generate_predictions"]
    some = (
        f"select l.row_id from {relation} as l semi join "
        f"(select * from {relation} where is_new = 1) as r on {rule['blocking_rule']}"
        for rule in rules
    )
    return " union ".join([f"select row_id from {relation} where is_new = 1", *some])


def _linker(described: pd.DataFrame, model: dict[str, Any], connection: Any) -> tuple[Any, Any]:
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection)
    columns = ["row_id", *COLUMNS, "house", "is_new"]
    connection.register("described_records", described[columns])
    connection.execute("create or replace temp table described as select * from described_records")
    linker = Linker(api.register("described"), model, validate_settings=False, log_level="ERROR")
    return api, linker
