"""A feature is a column of its family's SQL, its words, its line in the contract and a phrase."""

import pytest
import sqlglot
from sqlglot import exp

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import ContractError
from tests.architecture.recipes import steps

MART = "features.customer_features"


def delivered(sql: str) -> set[str]:
    """The columns that a compiled model delivers."""
    query = sqlglot.parse_one(sql, read="duckdb")
    return _columns(query, {cte.alias: cte.this for cte in query.find_all(exp.CTE)})


def _columns(query: exp.Expression, ctes: dict[str, exp.Expression]) -> set[str]:
    """What a query selects, where * stands for what the relations of the same file select."""
    tables = {table.alias_or_name: table.name for table in query.find_all(exp.Table)}
    names = set()
    for item in query.selects:
        if not item.is_star:
            names.add(item.alias_or_name)
            continue
        qualified = item.table if isinstance(item, exp.Column) else ""
        for table in [tables[qualified]] if qualified else tables.values():
            names |= _columns(ctes[table], ctes) if table in ctes else set()
    return names


def test_a_feature_is_its_line_its_words_and_its_column(tree):
    tree.write(steps.FEATURE_WORDS)
    for step in (steps.FEATURE_LINE, steps.FEATURE_SUM, steps.FEATURE_COLUMN):
        tree.insert(step)
    assert tree.sync() == ["models/features/_features__models.yml"]
    tree.check()


def test_a_feature_without_words_is_refused_with_the_file_of_words(tree):
    tree.insert(steps.FEATURE_LINE)
    with pytest.raises(ContractError, match=r"reviews_28d_count: not in data_contracts/columns"):
        tree.contracts()


def test_a_feature_without_a_phrase_is_refused_with_the_file_of_phrases(tree):
    path, words = steps.FEATURE_WORDS
    tree.write((path, words.replace(steps.FEATURE, "zeal_index")))
    path, mark, line = steps.FEATURE_LINE
    tree.insert((path, mark, line.replace(steps.FEATURE, "zeal_index")))
    with pytest.raises(ContractError, match=r"phrases\.yaml: no phrase for zeal_index"):
        tree.check_phrases()


def test_a_feature_of_a_family_without_a_model_is_refused_with_the_model_to_add(tree):
    tree.write(steps.FEATURE_WORDS)
    path, mark, line = steps.FEATURE_LINE
    tree.insert((path, mark, line.replace("[reviews]", "[zeal]")))
    model = "dbt_project/models/features/families/ftr_zeal.sql"
    with pytest.raises(ContractError, match=rf"family zeal, which has no model; add {model}"):
        tree.sync()


def test_every_contracted_feature_is_a_column_of_its_familys_model(compiled):
    families: dict[str, set[str]] = {}
    for column in compiled.tree.contracts().tables[MART].columns:
        if column.family:
            families.setdefault(column.family, set()).add(column.name)
    for family, contracted in families.items():
        missing = contracted - delivered(compiled.sql(f"ftr_{family}"))
        assert not missing, (
            f"{missing} are contracted and not delivered: "
            f"add them to dbt_project/models/features/families/ftr_{family}.sql"
        )


def test_the_mart_delivers_the_new_feature(compiled):
    assert "reviews.reviews_28d_count" in compiled.sql("customer_features")


def test_every_feature_belongs_to_a_family():
    features = load_contracts().tables[MART].columns[2:]
    assert features
    assert all(column.family for column in features)
