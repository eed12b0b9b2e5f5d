"""Who scores when: training decides, people decide, and nobody rewrites what was given out."""

from __future__ import annotations

import datetime
import json

import pytest

from segmentry.artefacts import digest_features
from segmentry.home import ConfigurationError
from segmentry.models.decisions import DecisionRequest, demote, promote, roll_back
from segmentry.models.registry import champion_at, code_version
from segmentry.project.vocabulary import feature_list_digest
from segmentry.warehouse.door import Warehouse
from tests.conftest import segmentry
from tests.segmentry.model_home import NEW, NEXT, OLD, TARGET, score, train

DAY = datetime.timedelta(days=1)
WISH = DecisionRequest("Ada", "too many false alarms")


def in_force(warehouse: Warehouse, date: datetime.date) -> str | None:
    champion = champion_at(warehouse, TARGET, date, feature_list_digest())
    return champion.model_version if champion else None


def versions(warehouse: Warehouse) -> tuple[str, str]:
    """The version of OLD and that of NEW."""
    found = warehouse.read(
        "select model_version from models.model_versions where target = ? order by trained_as_of",
        [TARGET],
    )
    return str(found["model_version"].iloc[0]), str(found["model_version"].iloc[1])


def pretend_scored(warehouse: Warehouse, date: datetime.date) -> None:
    """The champion in force scored one customer at a date."""
    with warehouse.connect() as connection:
        connection.execute(
            "insert into models.customer_scores (customer_id, as_of_date, target, score, "
            "model_version, sufficiency) values ('somebody', ?, ?, 0.5, ?, 'ok')",
            [date, TARGET, in_force(warehouse, date)],
        )


def test_the_champion_is_the_latest_that_was_promoted_by_then(warehouse):
    old, new = versions(warehouse)
    assert in_force(warehouse, OLD - DAY) is None
    assert in_force(warehouse, OLD) == in_force(warehouse, NEW - DAY) == old
    assert in_force(warehouse, NEW) == in_force(warehouse, NEXT) == new


def test_a_version_says_what_it_was_made_from(warehouse):
    old, new = versions(warehouse)
    rows = warehouse.read("select * from models.model_versions").set_index("model_version")
    assert rows.loc[new, "training_reason"] == f"asked for at {NEW}"
    assert digest_features(rows.loc[new, "feature_list"].split(",")) == feature_list_digest()
    assert rows.loc[old, "data_digest"] != rows.loc[new, "data_digest"]
    assert set(rows["code_version"]) == {code_version()}
    measured = warehouse.read(
        "select distinct candidate from models.model_metrics where model_version = ?", [new]
    )
    assert measured["candidate"].tolist() == [rows.loc[new, "candidate"]]


def test_the_same_training_again_gives_the_same_version_and_no_second_row(warehouse):
    before = versions(warehouse)
    assert train(warehouse, NEW) == before[1]
    assert versions(warehouse) == before


def test_a_rollback_holds_from_the_next_scored_date_and_is_written_down(warehouse):
    old, new = versions(warehouse)
    pretend_scored(warehouse, NEW)
    decision = roll_back(warehouse, TARGET, WISH)
    assert (decision.model_version, decision.former) == (old, new)
    assert decision.effective_from == NEW + DAY
    assert in_force(warehouse, NEW) == new, "what scored that date still scored it"
    assert in_force(warehouse, NEW + DAY) == old
    (row,) = warehouse.read("select * from models.promotions").itertuples()
    assert (row.action, row.decided_by, row.reason) == ("rollback", "Ada", WISH.reason)
    assert row.decided_as_of.date() == NEW


def test_rolling_back_further_than_there_is_history_is_refused(warehouse):
    old, _ = versions(warehouse)
    roll_back(warehouse, TARGET, WISH)
    with pytest.raises(ConfigurationError, match=f"{old} is the first model of {TARGET}"):
        roll_back(warehouse, TARGET, WISH)


def test_a_demoted_version_leaves_its_target_without_scores_until_it_is_rolled_back(warehouse):
    _, new = versions(warehouse)
    demote(warehouse, new, WISH)
    assert in_force(warehouse, NEW) is None
    with pytest.raises(ConfigurationError, match="is not in force"):
        demote(warehouse, new, WISH)
    assert roll_back(warehouse, TARGET, WISH).model_version == new
    assert in_force(warehouse, NEW) == new


def test_the_next_training_follows_a_rollback(warehouse):
    pretend_scored(warehouse, NEW)
    roll_back(warehouse, TARGET, WISH)
    trained = train(warehouse, NEXT)
    assert in_force(warehouse, NEXT - DAY) == versions_at(warehouse, OLD)
    assert in_force(warehouse, NEXT) == trained


def versions_at(warehouse: Warehouse, date: datetime.date) -> object:
    return warehouse.scalar(
        "select model_version from models.model_versions where target = ? and trained_as_of = ?",
        [TARGET, date],
    )


def test_training_at_a_date_that_is_scored_serves_from_the_next_one(warehouse):
    pretend_scored(warehouse, NEXT)
    trained = train(warehouse, NEXT)
    assert in_force(warehouse, NEXT) == versions_at(warehouse, NEW)
    assert in_force(warehouse, NEXT + DAY) == trained


def test_a_settled_date_is_not_decided_again(warehouse):
    pretend_scored(warehouse, NEXT)
    with pytest.raises(ConfigurationError, match=f"has been scored up to {NEXT}"):
        roll_back(warehouse, TARGET, DecisionRequest("Ada", "why not", NEXT - DAY))
    assert (
        roll_back(warehouse, TARGET, DecisionRequest("Ada", "again", NEXT)).effective_from == NEXT
    )


def test_a_version_does_not_score_a_time_before_it_was_trained(warehouse):
    _, new = versions(warehouse)
    demote(warehouse, new, WISH)
    with pytest.raises(ConfigurationError, match=f"knows what happened before {NEW}"):
        promote(warehouse, new, DecisionRequest("Ada", "why not", OLD))


def test_an_unknown_version_or_target_names_the_nearest(warehouse):
    _, new = versions(warehouse)
    with pytest.raises(ConfigurationError, match=f"did you mean {new}"):
        promote(warehouse, new[:-1], WISH)
    with pytest.raises(ConfigurationError, match="did you mean churn_28d"):
        roll_back(warehouse, "churn28d", WISH)


def test_a_version_without_a_model_says_why_there_is_none(warehouse):
    with pytest.raises(ConfigurationError, match="no stored model: at 2024-08-05 nobody"):
        promote(warehouse, f"churn_91d-{NEW:%Y%m%d}-none", WISH)
    with pytest.raises(ConfigurationError, match="churn_91d has never had a model"):
        roll_back(warehouse, "churn_91d", WISH)


def test_a_tampered_artefact_is_not_promoted(warehouse):
    old, _ = versions(warehouse)
    file = warehouse.home.models / old / "model.json"
    file.write_text(file.read_text() + " ")
    with pytest.raises(ConfigurationError, match="is not the file that was stored"):
        promote(warehouse, old, WISH)
    file.unlink()
    with pytest.raises(ConfigurationError, match="cannot read"):
        roll_back(warehouse, TARGET, WISH)


def test_a_model_of_another_feature_list_is_not_promoted(warehouse):
    old, _ = versions(warehouse)
    with warehouse.connect() as connection:
        connection.execute(
            "update models.model_versions set feature_list_digest = 'another' "
            "where model_version = ?",
            [old],
        )
    for ask in (lambda: promote(warehouse, old, WISH), lambda: roll_back(warehouse, TARGET, WISH)):
        with pytest.raises(ConfigurationError, match="another feature list"):
            ask()


def test_a_decision_needs_a_reason(warehouse):
    with pytest.raises(ConfigurationError, match="--reason is empty"):
        roll_back(warehouse, TARGET, DecisionRequest("Ada", " "))


def test_scores_that_were_given_out_survive_training_and_rollback(warehouse):
    everything = "select * from models.customer_scores where as_of_date <= ? order by all"
    assert score(warehouse, [OLD, NEW]).success
    before = warehouse.read(everything, [NEW])
    train(warehouse, NEXT)
    roll_back(warehouse, TARGET, DecisionRequest("Ada", "drop", NEXT))
    assert score(warehouse, [OLD, NEW, NEXT]).success
    assert before.equals(warehouse.read(everything, [NEW]))
    scored = warehouse.read(
        "select distinct as_of_date, model_version from models.customer_scores "
        "where target = ? and sufficiency = 'ok' order by 1",
        [TARGET],
    )
    old, new = versions(warehouse)
    assert scored["model_version"].tolist() == [old, new, new]


def test_the_commands_say_what_they_did(warehouse):
    old, new = versions(warehouse)
    home = ("--home", str(warehouse.home.root))
    told = segmentry("models", "rollback", TARGET, "--reason", "drop", "--by", "Ada", *home).stdout
    assert told == (
        f"{TARGET}: {old} from {NEW} on in place of {new}; earlier scores keep their model\n"
    )
    listed = json.loads(segmentry("models", "list", "--json", *home).stdout)
    states = {row["model_version"]: row["state"] for row in listed}
    assert states[old] == f"in force from {NEW}"
    assert states[new] == "former"
    assert states[f"churn_91d-{NEW:%Y%m%d}-none"] == "no model"
    shown = json.loads(segmentry("models", "show", old, "--json", *home).stdout)
    assert [(row["action"], row["decided_by"]) for row in shown["decisions"]] == [
        ("training", "training"),
        ("rollback", "Ada"),
    ]
    assert {"auc", "brier"} <= {row["metric"] for row in shown["metrics"]}
    failed = segmentry("models", "promote", new + "x", "--reason", "r", *home, expect=2)
    assert failed.stderr.startswith(f"segmentry: unknown version {new}x; did you mean {new}?")
