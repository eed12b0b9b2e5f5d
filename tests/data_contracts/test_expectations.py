"""Every rule has a row that keeps it and a row that breaks it; an empty frame never passes."""

import pandas as pd
import pytest

from data_contracts.compiler.to_expectations import sql_checks, suite_of
from data_contracts.definitions.contract import Column, ContractError, Rule, Table
from segmentry.quality.validation import validate_frame

ID = Column("customer_id", "string", "The customer.", "internal")
SCORE = Column("score", "double", "The score.", "internal")


def table_with(*rules: Rule) -> Table:
    return Table(
        "models", "scores", "Scores", "Scores.", "team", "python", "table", True,
        (ID, SCORE), (), rules, "", "scores.odcs.yaml",
    )  # fmt: skip


GOOD = pd.DataFrame({"customer_id": ["a", "b"], "score": [0.1, 0.9]})
CASES = [
    (Rule("not_null", ("score",)), {"score": [0.1, None]}),
    (Rule("null_share", ("score",), (("percent", 40),)), {"score": [0.1, None]}),
    (Rule("unique", ("customer_id",)), {"customer_id": ["a", "a"]}),
    (Rule("unique", ("customer_id", "score")), {"customer_id": ["a", "a"], "score": [0.1, 0.1]}),
    (
        Rule("accepted_values", ("customer_id",), (("values", ("a", "b")),)),
        {"customer_id": list("az")},
    ),
    (Rule("range", ("score",), (("minimum", 0), ("maximum", 1))), {"score": [0.1, 1.1]}),
    (Rule("pattern", ("customer_id",), (("pattern", "^[a-z]$"),)), {"customer_id": ["a", "B"]}),
    (Rule("row_count", (), (("minimum", 2),)), None),
]


@pytest.mark.parametrize(
    ("rule", "broken"), CASES, ids=[f"{r.kind}-{len(r.columns)}" for r, _ in CASES]
)
def test_a_rule_passes_a_good_frame_and_fails_a_broken_one(rule, broken):
    table = table_with(rule)
    assert all(o.passed for o in validate_frame(table, GOOD, may_be_empty=False))
    bad = GOOD.head(1) if broken is None else GOOD.assign(**broken)
    assert not all(o.passed for o in validate_frame(table, bad, may_be_empty=False))


def test_an_empty_frame_fails_unless_it_may_be_empty():
    table = table_with(Rule("not_null", ("score",)))
    assert not all(o.passed for o in validate_frame(table, GOOD.head(0), may_be_empty=False))
    assert all(o.passed for o in validate_frame(table, GOOD.head(0), may_be_empty=True))


def test_a_rule_that_only_warns_is_kept_as_a_warning():
    rule = Rule("not_null", ("score",), severity="warn")
    broken = GOOD.assign(score=[0.1, None])
    outcomes = validate_frame(table_with(rule), broken, may_be_empty=False)
    assert [o.severity for o in outcomes if not o.passed] == ["warn"]


def test_a_missing_column_fails():
    frame = GOOD.drop(columns="score")
    assert not all(o.passed for o in validate_frame(table_with(), frame, may_be_empty=False))


def test_a_rule_that_no_expectation_can_say_is_an_error():
    with pytest.raises(ContractError, match="no expectation for astrology"):
        suite_of(table_with(Rule("astrology", ("score",))))


def test_row_rules_become_sql_that_counts_broken_rows():
    rule = Rule("row", (), (("condition", "score <= 1"),), name="at_most_one")
    ((found, sql),) = sql_checks(table_with(rule))
    assert found is rule
    assert sql == (
        "select count(*) from models.scores as t where (true) and (not coalesce(score <= 1, false))"
    )
