"""A simulated shop whose people are known: who shares a browser, a phone or a home stays apart."""

import os

import pandas as pd
import pytest

from benchmarks.identity_worlds import People, build_evidence

CUSTOMERS, DAYS, SEED = 300, 120, 5
SHARED = ("anonymous_id", "context_device_id", "phone")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Identities and the folder of the truth."""
    before, folder = dict(os.environ), tmp_path_factory.mktemp("shop")
    evidence, _ = build_evidence(folder, CUSTOMERS, DAYS, SEED)
    yield People(evidence), folder / "world" / "truth"
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def owners(world):
    """The truth: one row per identifier and person, with the household."""
    _, truth = world
    persons = pd.read_parquet(truth / "persons")[["person_id", "household_id"]]
    return pd.read_parquet(truth / "identifiers").merge(persons, on="person_id")


def test_no_two_people_are_merged_because_they_share_a_device_or_a_phone(world, owners):
    people, truth = world
    people.resolve()
    shared = owners[owners["identifier_type"].isin(SHARED)]
    persons = shared.groupby("identifier")["person_id"].nunique()
    assert (persons > 1).sum() > 5, "the world has too few shared identifiers to prove anything"
    records = people.connection.execute(
        "select identifier, customer_id from identity.customer_identities "
        "where identifier_type = 'source_customer_id' and valid_to is null"
    ).df()
    spelled = owners["system"] + ":" + owners["identifier"]
    found = records.merge(owners.assign(identifier=spelled), on="identifier")
    assert found["person_id"].nunique() > 200
    merged = found.groupby("customer_id")["person_id"].nunique()
    assert merged.max() == 1
    score = people.score(truth)
    assert score.precision >= 0.995
    assert score.recall >= 0.97


def test_households_hold_several_people(owners):
    assert owners.groupby("household_id")["person_id"].nunique().max() > 1
