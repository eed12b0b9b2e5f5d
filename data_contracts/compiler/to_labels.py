"""Targets -> label SQL: what each customer did in the horizon, by the identity map at its end."""

import sqlglot
from sqlglot import exp

from data_contracts.compiler.windows import (
    CATEGORY_ORDERS,
    FACTS,
    HELD_SUBSCRIPTIONS,
    WINDOW_COLUMNS,
)
from data_contracts.definitions.target import Target

DAYS = "date_diff('day', n.as_of_date, cast(o.ordered_at as date))"


def labels_sql(targets: list[Target], dates: str, population: str, newest: str) -> str:
    """Labels of targets of one horizon at every mature date of `dates`, each fact read once.

    `dates` is a relation with as_of_date, `newest` a SQL date: a window that ends after it is not
    mature and gives no row. `population` is the relation of features. A customer of D is followed
    through the identity map to the end of the window, so that a later merge is counted once.
    Gives customer_id, as_of_date, target, label, matured_on; who has a null label is left out.
    Raises ValueError when the horizons differ.
    """
    if len({target.horizon_days for target in targets}) != 1:
        raise ValueError("one statement labels the targets of one horizon")
    end = f"d.as_of_date + interval '{targets[0].horizon_days}' day"
    populations = [f"coalesce({target.population}, false)" for target in targets]
    flags = "".join(f",\n        {sql} as is_asked_{n}" for n, sql in enumerate(populations))
    facts = _columns_of_facts(targets)
    needs = "".join(
        f",\n        {' or '.join(f'm.is_asked_{n}' for n in sorted(users))} as for_{fact}"
        for fact, (users, _) in facts.items()
    )
    categories = ", ".join(_literal(name) for name in sorted({t.category or "" for t in targets}))
    prepared = "".join(
        sql.replace("{categories}", categories)
        for fact, sql in (("categories", CATEGORY_ORDERS), ("subscriptions", HELD_SUBSCRIPTIONS))
        if fact in facts
    )
    windows = "".join(_window(fact, columns) for fact, (_, columns) in facts.items())
    filled = "".join(
        f",\n        coalesce({fact}.{name}, {WINDOW_COLUMNS[column].empty}) as {name}"
        for fact, (_, columns) in facts.items()
        for name, (column, _) in columns.items()
    )
    joins = "".join(
        f"\n    left join window_{fact} as {fact}"
        f"\n        on {fact}.customer_id = m.customer_id and {fact}.as_of_date = m.as_of_date"
        for fact in facts
    )
    labels = "\nunion all\n".join(_label(target, n) for n, target in enumerate(targets))
    return f"""
with origins as (
    select d.as_of_date, cast({end} as date) as matured_on
    from {dates} as d
    where {end} <= {newest}
),
population as (
    select customer_id, as_of_date{flags}
    from {population}
    where {" or ".join(populations)}
),
members as (
    select p.*, o.matured_on
    from population as p
    inner join origins as o on o.as_of_date = p.as_of_date
),
nodes as (
    select distinct m.customer_id, m.as_of_date, m.matured_on, later.identity_id{needs}
    from members as m
    inner join identity.customer_identities as own
        on own.customer_id = m.customer_id
        and own.valid_from < m.as_of_date
        and (own.valid_to is null or own.valid_to >= m.as_of_date)
    inner join identity.customer_identities as moved
        on moved.identity_id = own.identity_id
        and (moved.valid_to is null or moved.valid_to >= m.matured_on)
        and moved.valid_from < m.matured_on
    inner join identity.customer_identities as later
        on later.customer_id = moved.customer_id
        and (later.valid_to is null or later.valid_to >= m.matured_on)
        and later.valid_from < m.matured_on
),
{prepared}{windows}filled as (
    select m.*{filled}
    from members as m{joins}
)
{labels}
"""


Columns = dict[str, tuple[str, str]]


def _columns_of_facts(targets: list[Target]) -> dict[str, tuple[set[int], Columns]]:
    """fact -> which targets read it, and its columns: name -> (window column, expression)."""
    facts: dict[str, tuple[set[int], Columns]] = {}
    for number, target in enumerate(targets):
        for column in _named(target.label):
            window = WINDOW_COLUMNS[column]
            users, columns = facts.setdefault(window.fact, (set(), {}))
            users.add(number)
            category = _literal(target.category or "")
            sql = window.expression.replace("{days}", DAYS).replace("{category}", category)
            columns[_name(column, number)] = (column, sql)
    return facts


def _named(label: str) -> list[str]:
    """The window columns that a label names."""
    columns = sqlglot.parse_one(label, read="duckdb").find_all(exp.Column)
    return sorted({column.name for column in columns})


def _name(column: str, number: int) -> str:
    """A column that depends on the target's category is the target's own."""
    return f"{column}_{number}" if "{category}" in WINDOW_COLUMNS[column].expression else column


def _window(fact: str, columns: Columns) -> str:
    selected = ",\n        ".join(f"{sql} as {name}" for name, (_, sql) in columns.items())
    return f"""window_{fact} as (
    select n.customer_id, n.as_of_date,
        {selected}
    from nodes as n{FACTS[fact]}
    where n.for_{fact}
    group by n.customer_id, n.as_of_date
),
"""


def _label(target: Target, number: int) -> str:
    label = sqlglot.parse_one(target.label, read="duckdb")
    for column in list(label.find_all(exp.Column)):
        column.set("this", exp.to_identifier(_name(column.name, number)))
    sql = label.sql(dialect="duckdb")
    if target.is_probability:
        sql = f"case when {sql} then 1.0 when not ({sql}) then 0.0 end"
    name = _literal(target.name)
    return (
        f"select customer_id, as_of_date, {name} as target, cast({sql} as double) as label, "
        f"matured_on\nfrom filled\nwhere is_asked_{number} and ({sql}) is not null"
    )


def _literal(text: str) -> str:
    return exp.Literal.string(text).sql()
