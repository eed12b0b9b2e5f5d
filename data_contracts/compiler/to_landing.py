"""Contracts -> landing SQL: the raw table, the casts, and the rules that part good rows from bad.

Rules are checked in a relation `batch` that has, for every contracted column `x`, the cast value
`x` and, where the cast can fail, the value as in the file in `x__landed`; beside them
`_file_number` and `_row`. Every rule compiles to one condition over such a row, called `this`, that
is true when the row breaks it. All rules of a table run in one scan, except those that look into
other tables. Not here: files, connections, what is done with a bad row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data_contracts.definitions.contract import Column, ContractError, Rule, Table

LANDING_COLUMNS = {
    "_loaded_at": "timestamp",
    "_file": "varchar",
    "_row": "bigint",
    "_version": "integer",
}
CLOCK_TOLERANCE = timedelta(days=1)
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
FLOATS = ("FLOAT", "DOUBLE")
WORDS = {
    "integer": ("a whole number", "digits only, such as 12"),
    "double": ("a number", "digits with a decimal point, such as 12.5"),
    "money": ("an amount", "digits with a decimal point and no currency sign, such as 12.50"),
    "boolean": ("true or false", "true or false"),
    "date": ("a date", "a date such as 2017-01-31"),
    "timestamp": ("a time", "a time such as 2017-01-31 18:05:00, in UTC or with its offset"),
    "json": ("JSON", 'a JSON object such as {"size": "M"}'),
}


@dataclass(frozen=True)
class RowRule:
    """One rule over one row, compiled.

    broken: SQL condition over `this`, never null. reason: SQL text, what is wrong and what to do.
    needs_context: true when what breaks the rule today may be right tomorrow (another table, the
    clock), so that the file is worth reading again. looks_up: it reads other tables.
    """

    name: str
    column: str
    broken: str
    reason: str
    needs_context: bool = False
    looks_up: bool = False


def quote(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: object) -> str:
    """A value as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def raw_table_sql(table: Table) -> str:
    """Create the typed raw table where it is missing: the contract's columns, then our own."""
    columns = [f"{quote(column.name)} {column.sql_type}" for column in table.columns]
    columns += [f"{name} {kind}" for name, kind in LANDING_COLUMNS.items()]
    return f"create table if not exists {table.full_name} ({', '.join(columns)})"


def can_fail(column: Column, landed_type: str) -> bool:
    """Whether a value of this landed type may not be of the contracted type."""
    if column.type == "string":
        return False
    if column.type == "json":
        return landed_type == "VARCHAR"
    sure: dict[str, tuple[str, ...]] = {
        "integer": INTEGERS,
        "double": (*INTEGERS, "UBIGINT", "HUGEINT"),
        "money": ("DECIMAL(18,4)",),
        "boolean": ("BOOLEAN",),
        "date": ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        "timestamp": ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    }
    return landed_type not in sure[column.type]


def landed_sql(value: str, landed_type: str, trimmed: bool = True) -> str:
    """The value as in the file, with every way of writing nothing (blank, NaN) made null."""
    if landed_type == "VARCHAR":
        return f"nullif(trim({value}), '')" if trimmed else f"nullif({value}, '')"
    if landed_type in FLOATS:
        return f"case when not isnan({value}) then {value} end"
    return value


def cast_sql(column: Column, value: str, landed_type: str) -> str:
    """The value in the contracted type; null where it is none.

    Text with an offset is moved to UTC. A whole number in a column of floats (ids with gaps, as
    pandas writes them) is the id it was; a float that is none is not rounded to an integer.
    """
    landed = landed_sql(value, landed_type, trimmed=column.type != "string")
    casts: dict[str, Callable[[str, str], str]] = {
        "string": _string,
        "json": _json,
        "integer": _integer,
        "boolean": _boolean,
        "date": _date,
        "timestamp": _timestamp,
        "double": _double,
        "money": _money,
    }
    return casts[column.type](landed, landed_type)


def _string(landed: str, landed_type: str) -> str:
    if landed_type in FLOATS:
        whole = f"cast(try_cast({landed} as bigint) as varchar)"
        return f"case when {landed} = trunc({landed}) then {whole} else {landed}::varchar end"
    return landed if landed_type == "VARCHAR" else f"cast({landed} as varchar)"


def _json(landed: str, landed_type: str) -> str:
    if landed_type == "VARCHAR":
        return f"case when json_valid({landed}) then {landed} end"
    return f"cast(to_json({landed}) as varchar)"


def _integer(landed: str, landed_type: str) -> str:
    if landed_type in INTEGERS:
        return f"cast({landed} as bigint)"
    number = f"try_cast({landed} as double)"
    return f"case when {number} = trunc({number}) then try_cast({landed} as bigint) end"


def _double(landed: str, landed_type: str) -> str:
    if landed_type in INTEGERS:
        return f"cast({landed} as double)"
    number = f"try_cast({landed} as double)"
    return f"case when isfinite({number}) then {number} end"


def _money(landed: str, landed_type: str) -> str:
    return landed if landed_type == "DECIMAL(18,4)" else f"try_cast({landed} as decimal(18,4))"


def _boolean(landed: str, landed_type: str) -> str:
    if landed_type == "BOOLEAN":
        return landed
    return f"try_cast(cast({landed} as varchar) as boolean)"


def _timestamp(landed: str, landed_type: str) -> str:
    if landed_type in ("TIMESTAMP", "DATE"):
        return f"cast({landed} as timestamp)"
    if landed_type.startswith("TIMESTAMP") and "ZONE" not in landed_type:
        return f"try_cast({landed} as timestamp)"
    return f"make_timestamp(epoch_us(try_cast({_as_text(landed, landed_type)} as timestamptz)))"


def _as_text(landed: str, landed_type: str) -> str:
    sure = landed_type == "VARCHAR" or landed_type.startswith("TIMESTAMP")
    return landed if sure else f"cast({landed} as varchar)"


def _date(landed: str, landed_type: str) -> str:
    if landed_type == "DATE":
        return landed
    return f"cast({_timestamp(landed, landed_type)} as date)"


def row_rules(table: Table, landed_types: Mapping[str, str], run_time: datetime) -> list[RowRule]:
    """Every rule that one row can break, in the order of the contract.

    landed_types: column -> type in the files (VARCHAR for CSV); a column that none has is absent.
    Raises ContractError on a rule that no row can be judged by.
    """
    fallible = {
        column.name
        for column in table.columns
        if column.name in landed_types and can_fail(column, landed_types[column.name])
    }
    rules = [_type_rule(column) for column in table.columns if column.name in fallible]
    for rule in table.rules:
        compiled = _row_rule(rule, table, fallible)
        if compiled:
            rules.append(compiled)
    if table.known_at:
        rules.append(_clock_rule(table.column(table.known_at), run_time))
    return rules


def context_rules(table: Table) -> list[str]:
    """Names of the rules that a row breaks today and may obey tomorrow."""
    return [rule.name for rule in row_rules(table, {}, datetime(2000, 1, 1)) if rule.needs_context]


def _shown(column: Column, value: str) -> str:
    """The value for a message; what is personal is not repeated outside the row itself."""
    if column.classification in ("personal", "sensitive"):
        return "'the value'"
    return f"'''' || left(cast({value} as varchar), 60) || ''''"


def _type_rule(column: Column) -> RowRule:
    value, landed = f"this.{quote(column.name)}", f"this.{quote(column.name + '__landed')}"
    noun, remedy = WORDS[column.type]
    reason = f"{_shown(column, landed)} || {text(f' is not {noun}; write {remedy}')}"
    return RowRule("type", column.name, f"({landed} is not null and {value} is null)", reason)


def _row_rule(rule: Rule, table: Table, fallible: set[str]) -> RowRule | None:
    if rule.kind in ("unique", "row_count", "null_share"):
        return None  # of the batch, not of a row: the landing's verdict, Great Expectations
    if rule.severity != "error":
        raise ContractError(f"{table.file}: {rule.kind}: what only warns cannot quarantine a row")
    if rule.kind == "row":
        return _custom_rule(rule)
    if rule.kind not in ("not_null", "range", "accepted_values", "pattern"):
        raise ContractError(f"{table.file}: {table.full_name}: no row rule for {rule.kind}")
    column = table.column(rule.columns[0])
    value = f"this.{quote(column.name)}"
    if rule.kind == "not_null":
        landed = f"this.{quote(column.name + '__landed')}" if column.name in fallible else value
        return RowRule("required", column.name, f"({landed} is null)", text("empty; fill it"))
    if rule.kind == "range":
        return _range_rule(rule, column, value)
    if rule.kind == "pattern":
        pattern = rule.argument("pattern")
        broken = f"not regexp_matches({value}, {text(pattern)})"
        remedy = f" does not look like {pattern}; correct it"
        return _simple("pattern", column, broken, value, remedy)
    values = rule.argument("values")
    broken = f"{value} not in ({', '.join(text(one) for one in values)})"
    remedy = f" is not accepted; use one of {', '.join(str(one) for one in values)}"
    return _simple("accepted_values", column, broken, value, remedy)


def _simple(name: str, column: Column, broken: str, value: str, remedy: str) -> RowRule:
    reason = f"{_shown(column, value)} || {text(remedy)}"
    return RowRule(name, column.name, f"coalesce({broken}, false)", reason)


def _range_rule(rule: Rule, column: Column, value: str) -> RowRule:
    low, high = rule.argument("minimum"), rule.argument("maximum")
    bounds = [(low, "<", "at least"), (high, ">", "at most")]
    broken = " or ".join(
        f"{value} {sign} {bound}" for bound, sign, _ in bounds if bound is not None
    )
    words = " and ".join(f"{word} {bound}" for bound, _, word in bounds if bound is not None)
    return _simple("range", column, f"({broken})", value, f" is out of range; give {words}")


def _custom_rule(rule: Rule) -> RowRule:
    applies = rule.argument("appliesWhen")
    broken = f"not coalesce({rule.argument('condition')}, false)"
    if applies:
        broken = f"({applies}) and {broken}"
    column = rule.columns[0] if rule.columns else ""
    reason = text(rule.description)
    return RowRule(
        rule.name, column, f"({broken})", reason, bool(rule.argument("context")), bool(applies)
    )


def _clock_rule(column: Column, run_time: datetime) -> RowRule:
    value = f"this.{quote(column.name)}"
    latest = run_time + CLOCK_TOLERANCE
    broken = f"coalesce({value} > timestamp '{latest.isoformat(sep=' ')}', false)"
    remedy = (
        f" is later than a day after the landing ({run_time:%Y-%m-%d %H:%M}); correct the time "
        "or its time zone, or deliver it when it has happened"
    )
    reason = f"{_shown(column, value)} || {text(remedy)}"
    return RowRule("not_from_the_future", column.name, broken, reason, needs_context=True)


def bad_rows_sql(rules: Sequence[RowRule], batch: str) -> str:
    """Select (_file_number, _row, column_name, rule, reason), a row for every rule broken."""
    scans = []
    plain = [rule for rule in rules if not rule.looks_up]
    if plain:
        cases = ", ".join(f"case when {rule.broken} then {_problem(rule)} end" for rule in plain)
        anything = " or ".join(rule.broken for rule in plain)
        scans.append(
            "select _file_number, _row, problem.* from (select this._file_number, this._row, "
            f"unnest(list_filter([{cases}], lambda one: one is not null)) as problem "
            f"from {batch} as this where {anything})"
        )
    for rule in (rule for rule in rules if rule.looks_up):
        scans.append(
            "select _file_number, _row, problem.* from (select this._file_number, this._row, "
            f"{_problem(rule)} as problem from {batch} as this where {rule.broken})"
        )
    return " union all ".join(scans)


def _problem(rule: RowRule) -> str:
    column = text(rule.column) if rule.column else "cast(null as varchar)"
    return f"{{column_name: {column}, rule: {text(rule.name)}, reason: {rule.reason}}}"
