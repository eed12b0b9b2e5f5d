"""Contracts -> Great Expectations suites, in memory.

Great Expectations passes an empty frame by default, so every suite states a row count: at least
one row unless the contract or the caller says otherwise.
"""

from typing import TYPE_CHECKING, Any

from data_contracts.definitions.contract import ContractError, Rule, Table

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite_of(table: Table, may_be_empty: bool = False) -> "ExpectationSuite":
    """The suite of one table. Raises ContractError on a rule that no expectation can say.

    Row rules that need other tables or are SQL are the landing's, dbt's and `sql_checks`'.
    """
    import great_expectations as gx

    expectations = [_columns_present(table)]
    if not may_be_empty:
        of: Any = gx.expectations
        expectations.append(of.ExpectTableRowCountToBeBetween(min_value=1))
    for rule in table.rules:
        expectations += _expectations(rule, table)
    return gx.ExpectationSuite(name=table.full_name, expectations=expectations)


def _columns_present(table: Table) -> Any:
    import great_expectations as gx

    of: Any = gx.expectations
    names = [column.name for column in table.columns]
    return of.ExpectTableColumnsToMatchSet(column_set=names, exact_match=False)


def _expectations(rule: Rule, table: Table) -> list[Any]:
    """The expectation of one rule; its meta carries the severity to who reads the result."""
    import great_expectations as gx

    if rule.kind in ("row", "relationship"):
        return []  # SQL on the whole table: to_landing for files, `sql_checks` for Python's tables
    expectation = _expectation(gx.expectations, rule)
    if expectation is None:
        raise ContractError(f"{table.file}: {table.full_name}: no expectation for {rule.kind}")
    expectation.meta = {"severity": rule.severity}
    return [expectation]


def _expectation(of: Any, rule: Rule) -> Any:
    if rule.kind == "not_null":
        return of.ExpectColumnValuesToNotBeNull(column=rule.columns[0])
    if rule.kind == "null_share":
        share = 1 - rule.argument("percent") / 100
        return of.ExpectColumnValuesToNotBeNull(column=rule.columns[0], mostly=share)
    if rule.kind == "unique" and len(rule.columns) == 1:
        return of.ExpectColumnValuesToBeUnique(column=rule.columns[0])
    if rule.kind == "unique":
        return of.ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns))
    if rule.kind == "accepted_values":
        values = list(rule.argument("values"))
        return of.ExpectColumnValuesToBeInSet(column=rule.columns[0], value_set=values)
    if rule.kind == "range":
        low, high = rule.argument("minimum"), rule.argument("maximum")
        return of.ExpectColumnValuesToBeBetween(
            column=rule.columns[0], min_value=low, max_value=high
        )
    if rule.kind == "pattern":
        pattern = rule.argument("pattern")
        return of.ExpectColumnValuesToMatchRegex(column=rule.columns[0], regex=pattern)
    if rule.kind == "row_count":
        return of.ExpectTableRowCountToBeBetween(min_value=rule.argument("minimum"))
    return None


def sql_checks(table: Table, where: str = "true") -> list[tuple[Rule, str]]:
    """Rules that are checked on every row, each with SQL that counts the rows that break it.

    where: SQL condition over the table's columns, of the rows that were written.
    """
    checks = []
    for rule in table.rules:
        broken = _broken(rule)
        if broken:
            sql = f"select count(*) from {table.full_name} as t where ({where}) and ({broken})"
            checks.append((rule, sql))
        elif rule.kind == "unique":
            keys = ", ".join(rule.columns)
            known = " and ".join(f"{column} is not null" for column in rule.columns)
            sql = (
                f"select coalesce(sum(n - 1), 0) from (select count(*) as n from {table.full_name} "
                f"where ({where}) and {known} group by {keys}) as counted"
            )
            checks.append((rule, sql))
    return checks


def _broken(rule: Rule) -> str:
    """When a row `t` breaks a rule, as SQL; empty for rules that one row cannot break."""
    column = f"t.{rule.columns[0]}" if rule.columns else ""
    if rule.kind == "row":
        return f"not coalesce({rule.argument('condition')}, false)"
    if rule.kind == "relationship":
        schema, name, key = rule.argument("to").split(".")
        return (
            f"{column} is not null and not exists "
            f"(select 1 from {schema}.{name} as r where r.{key} = {column})"
        )
    if rule.kind == "not_null":
        return f"{column} is null"
    if rule.kind == "accepted_values":
        values = ", ".join(_literal(value) for value in rule.argument("values"))
        return f"{column} not in ({values})"
    if rule.kind == "range":
        low, high = rule.argument("minimum"), rule.argument("maximum")
        limits = [(low, "<"), (high, ">")]
        return " or ".join(f"{column} {sign} {_literal(n)}" for n, sign in limits if n is not None)
    return ""


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
