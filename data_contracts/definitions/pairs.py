"""Features of pairs: what each customer has to do with each leading value of a column.

Found by the keys of the contracts: a table of features keyed by customer_id, as_of_date and one
more column holds the dealings, one keyed by as_of_date and that column its leading values.
"""

from dataclasses import dataclass

from data_contracts.definitions.contract import Contracts, Table

CUSTOMER_AND_DATE = ("customer_id", "as_of_date")


@dataclass(frozen=True)
class PairTables:
    """The tables of one column: dealings of customers with its values, and the leading values."""

    column: str
    dealings: Table
    values: Table

    @property
    def features(self) -> tuple[str, ...]:
        """What models may know of a pair, dealings first."""
        return tuple(
            column.name
            for table in (self.dealings, self.values)
            for column in table.columns
            if column.type == "double"
        )


def pair_tables(contracts: Contracts) -> dict[str, PairTables]:
    """Column -> its two tables."""
    tables = contracts.of_stage("features")
    values = {
        table.key[1]: table
        for table in tables
        if len(table.key) == 2 and table.key[0] == "as_of_date"
    }
    return {
        table.key[2]: PairTables(table.key[2], table, values[table.key[2]])
        for table in tables
        if table.key[:2] == CUSTOMER_AND_DATE and len(table.key) == 3 and table.key[2] in values
    }


def spoken_features(contracts: Contracts) -> list[str]:
    """Every feature that a reason may name, so that it has a phrase."""
    mart = contracts.tables["features.customer_features"].columns
    of_pairs = (name for tables in pair_tables(contracts).values() for name in tables.features)
    return [*(c.name for c in mart if c.name not in CUSTOMER_AND_DATE), *of_pairs]
