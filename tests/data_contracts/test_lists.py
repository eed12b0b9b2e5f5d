"""What contracts list once, SQL loops over; what two contracts list, they list alike."""

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.staging import (
    HISTORY,
    UNITED,
    View,
    sources_of_entities,
    staging_views,
)
from data_contracts.compiler.to_macros import macros
from data_contracts.definitions.identity_rules import TYPES
from segmentry.home import DBT_PROJECT


def accepted(table, column):
    """The values that a column may have, where its contract lists them."""
    for rule in table.rules:
        if rule.kind == "accepted_values" and rule.columns == (column,):
            return tuple(rule.argument("values"))
    return None


def test_a_source_delivers_an_entity_when_it_has_a_view_of_it():
    views = [View("tills", "orders"), View("standard", "orders"), View(UNITED, "orders")]
    assert sources_of_entities(views) == {"orders": ["tills", "standard"]}
    assert "'orders': ['tills', 'standard']" in macros(load_contracts(), views)


def test_every_entity_is_delivered_by_the_source_that_needs_no_translation():
    contracts, views = load_contracts(), staging_views(DBT_PROJECT / "models")
    delivered = sources_of_entities(views)
    for entity in contracts.entities:
        assert "standard" in delivered[entity]
        assert View(UNITED, entity) in views


def test_a_history_has_every_source_that_keeps_versions_and_a_view_that_unites_them():
    views = staging_views(DBT_PROJECT / "models")
    histories = [view for view in views if view.entity.endswith(HISTORY)]
    assert {view.source for view in histories} == {"omnishop", "standard", UNITED}


def test_a_decision_of_consent_has_the_purposes_of_its_entity():
    contracts = load_contracts()
    purposes = accepted(contracts.entities["consents"], "purpose")
    assert purposes
    assert accepted(contracts.tables["core.fct_consents"], "purpose") == purposes
    mart = contracts.tables["features.customer_features"]
    for purpose in purposes:
        assert mart.column(f"{purpose}_consent").family == "consent"


def test_tables_of_identity_have_the_types_of_identifier_that_rules_may_name():
    listed = [accepted(t, "identifier_type") for t in load_contracts().of_stage("identity")]
    assert any(listed)
    assert all(set(types) == set(TYPES) for types in listed if types)
