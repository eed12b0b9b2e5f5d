"""The demo, as a stranger runs it: real households."""

import duckdb
import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from tests.conftest import DEMO_AS_OF

SERVED = sorted(t.full_name for t in load_contracts().tables.values() if t.served)


def served(home):
    return duckdb.connect(str(home / "serving/current/segmentry.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def tables(demo_home):
    """Every served table."""
    with served(demo_home) as connection:
        return {
            name: connection.execute(f"select * from {name}").df()
            for name in SERVED
            if not name.startswith("ops.")
        }


ANSWERED = {"churn_28d", "churn_91d", "spend_91d", "orders_91d", "purchase_7d", "purchase_28d"}


def test_every_household_is_scored_for_every_target_of_whoever_orders(tables):
    scores = tables["models.customer_scores"]
    newest = scores[scores["as_of_date"] == pd.Timestamp(DEMO_AS_OF)]
    assert newest["customer_id"].nunique() == 2469
    answered = newest[newest["target"].isin(ANSWERED)]
    assert set(answered["target"]) == ANSWERED
    assert answered["sufficiency"].eq("ok").all()
    assert answered["score"].notna().all()
    assert answered["reason_1_feature"].notna().mean() > 0.99


def test_what_a_years_groceries_cannot_answer_says_so_and_why(tables):
    scores = tables["models.customer_scores"]
    newest = scores[scores["as_of_date"] == pd.Timestamp(DEMO_AS_OF)].set_index("target")
    silent = newest[newest["sufficiency"] == "not_enough_data"]["sufficiency_reason"]
    assert {"renewal", "upsell", "lead_conversion_28d"} <= set(silent.index)
    assert silent.notna().all()
    assert silent["renewal"].eq("asked only of customers with a running subscription").all()


def test_a_year_is_told_by_the_model_of_a_quarter_and_says_so(tables):
    versions = tables["models.model_versions"].set_index("target").loc[["spend_364d"]]
    stretched = versions[versions["is_promoted"].astype(bool)].iloc[-1]
    assert stretched["candidate"] == "stretched"
    assert "the model of spend_91d is stretched" in stretched["reason"]
    year = tables["segments.customer_360"]["spend_364d_score"]
    assert year.notna().mean() > 0.99


def test_the_leading_categories_have_targets_of_their_own(tables):
    targets = set(tables["models.customer_scores"]["target"])
    assert sum(name.startswith("category_") for name in targets) == 12
    assert "category_fuel_28d" in targets


def test_every_category_is_told_better_than_by_how_often_it_was_bought(tables):
    metrics = tables["models.model_metrics"]
    told = metrics[(metrics["metric"] == "auc") & (metrics["split"] == "test")]
    told = told[told["target"].str.startswith("category_")]
    by = told.pivot_table("value", ["target", "as_of_date"], "candidate", aggfunc="max")
    chosen = told[told["is_chosen"]].groupby(["target", "as_of_date"])["value"].max()
    assert len(chosen) >= 24
    assert (chosen > by["rule_category_order_days_count"]).all()


def test_eight_segments_or_more_have_members_and_a_customer_is_in_many(tables):
    membership = tables["segments.segment_membership"]
    assert membership["segment_id"].nunique() >= 8
    assert membership.groupby("customer_id").size().max() >= 3
    ids = set(membership["segment_id"])
    assert {"high_value", "likely_to_churn", "new_customer", "lapsed_high_value"} <= ids
    assert sum(name.startswith("category_lover_") for name in ids) >= 3
    assert sum(name.startswith("cluster_") for name in ids) >= 3


def test_every_household_has_one_lifecycle_stage(tables):
    customers = tables["segments.customer_360"]
    assert customers["customer_id"].is_unique
    assert len(customers) == 2469
    stages = {"visitor", "prospect", "new", "active", "loyal", "cooling", "at_risk", "lapsed"}
    assert set(customers["lifecycle_stage"]) <= stages


def test_history_and_membership_follow_from_the_transitions(tables):
    transitions = tables["segments.segment_transitions"].sort_values("as_of_date")
    assert transitions["as_of_date"].nunique() == 5
    last = transitions.groupby(["customer_id", "segment_id"])["event"].last()
    inside = set(last[last == "enter"].index)
    membership = tables["segments.segment_membership"]
    assert set(zip(membership["customer_id"], membership["segment_id"], strict=True)) == inside
    history = tables["segments.segment_membership_history"]
    assert len(history) == (transitions["event"] == "enter").sum()
    assert history["valid_to"].notna().sum() == (transitions["event"] == "exit").sum()


def test_a_score_is_made_by_the_champion_in_force_at_its_date(tables):
    versions = tables["models.model_versions"].set_index("model_version")
    scores = tables["models.customer_scores"].merge(
        versions[["effective_from", "is_promoted"]], left_on="model_version", right_index=True
    )
    assert scores["is_promoted"].all()
    assert (scores["effective_from"] <= scores["as_of_date"]).all()


def test_every_stored_version_says_what_data_it_learned_from(tables):
    versions = tables["models.model_versions"]
    stored = versions[versions["artefact_digest"].notna()]
    assert {"churn_28d", "behaviour", "value", "next_products"} <= set(stored["target"])
    assert stored["data_digest"].str.fullmatch("[0-9a-f]{64}").all()


def test_the_rule_stands_beside_every_candidate(tables):
    metrics = tables["models.model_metrics"]
    judged = metrics[(metrics["target"] != "behaviour") & (metrics["split"] == "test")]
    shown = judged[judged["metric"].isin(["auc", "brier", "mae", "ngini"])]
    assert shown["rule_value"].notna().all()
    assert (judged["as_of_date"] == pd.Timestamp("2017-09-30")).any()


def test_every_served_table_and_column_says_what_it_means(demo_home):
    with served(demo_home) as connection:
        tables = connection.execute("select comment from duckdb_tables()").fetchall()
        columns = connection.execute("select comment from duckdb_columns() where not internal")
        assert all(comment for (comment,) in [*tables, *columns.fetchall()])


def test_identifiers_and_quarantine_are_not_served(demo_home):
    with served(demo_home) as connection:
        names = {f"{s}.{t}" for s, t in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()}  # fmt: skip
    assert names == set(SERVED)
    private = {n for n in names if n.startswith(("identity.", "raw.", "staging."))}
    assert private == {"identity.identity_audit"}  # sizes and counts, of nobody in particular
    with served(demo_home) as connection:
        audit = connection.execute("select * from identity.identity_audit").description
    assert [column[0] for column in audit] == ["metric", "value"]
    assert "ops.quarantined_rows" not in names
