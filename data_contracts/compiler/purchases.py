"""Counting purchases in a condition: `orders_with(category = 'COFFEE', 91) >= 2`.

The first argument says which lines count (product, brand, category, subcategory compared with
texts by =, in, and, or), the second within how many days before the date (left out: ever). The
count is of orders, without returns and without those cancelled by the date. In YAML the clauses
`purchased` and `not_purchased` say the same without SQL.
"""

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from data_contracts.definitions.condition import CALL, Purchase
from data_contracts.definitions.contract import ContractError

LINE_COLUMNS = {
    "product": "lines.product_id",
    "brand": "products.brand",
    "category": "products.category",
    "subcategory": "products.subcategory",
}
CLAUSE_ENTRIES = {*LINE_COLUMNS, "within_days", "at_least"}
LONGEST_DAYS = 3_650


def read_call(node: Any, where: str) -> Purchase:
    """The purchase that a call in a condition counts. Raises ContractError on any other form."""
    arguments = node.expressions
    if len(arguments) not in (1, 2):
        raise ContractError(f"{where}: write {CALL}(category = 'COFFEE', 91), the days last")
    lines = _qualified(arguments[0], where)
    days = None
    if len(arguments) == 2:
        literal = arguments[1]
        text = str(literal.this) if isinstance(literal, exp.Literal) else ""
        if not text.isdigit() or literal.is_string or not 1 <= int(text) <= LONGEST_DAYS:
            raise ContractError(
                f"{where}: {node.sql()}: days are a whole number from 1 to {LONGEST_DAYS:,}"
            )
        days = int(text)
    return Purchase(lines.sql(dialect="duckdb", comments=False), days)


def _qualified(node: Any, where: str) -> Any:
    """The condition on lines with each column under its table; anything else is refused."""
    if isinstance(node, (exp.And, exp.Or)):
        return type(node)(
            this=_qualified(node.left, where), expression=_qualified(node.right, where)
        )
    if isinstance(node, exp.Paren):
        return exp.Paren(this=_qualified(node.this, where))
    values = [node.expression] if isinstance(node, exp.EQ) else node.args.get("expressions") or []
    column = node.this if isinstance(node, (exp.EQ, exp.In)) else None
    texts = all(isinstance(v, exp.Literal) and v.is_string for v in values)
    if not isinstance(column, exp.Column) or not values or not texts:
        raise ContractError(
            f"{where}: {node.sql()!r}: compare {', '.join(LINE_COLUMNS)} with texts, by = or in"
        )
    if column.name not in LINE_COLUMNS or column.table:
        raise ContractError(
            f"{where}: {column.sql()}: purchases know {', '.join(LINE_COLUMNS)}, nothing else"
        )
    literals = sorted({str(v.this) for v in values})
    listed = ", ".join(exp.Literal.string(text).sql() for text in literals)
    return exp.condition(f"{LINE_COLUMNS[column.name]} in ({listed})", dialect="duckdb")


def clauses_sql(entry: str, written: Any, where: str) -> list[str]:
    """The conditions of a YAML `purchased` or `not_purchased` entry: one clause or a list."""
    return [
        _clause_sql(entry, c, where) for c in (written if isinstance(written, list) else [written])
    ]


def _clause_sql(entry: str, clause: Any, where: str) -> str:
    if not isinstance(clause, dict) or set(clause) - CLAUSE_ENTRIES:
        raise ContractError(f"{where}: {entry} takes {', '.join(sorted(CLAUSE_ENTRIES))}")
    named = [name for name in LINE_COLUMNS if name in clause]
    if not named:
        raise ContractError(f"{where}: {entry} names one of {', '.join(LINE_COLUMNS)}")
    lines = " and ".join(_in_list(name, clause[name]) for name in named)
    days = f", {clause['within_days']}" if "within_days" in clause else ""
    if entry == "not_purchased":
        if "at_least" in clause:
            raise ContractError(f"{where}: not_purchased means never; at_least is for purchased")
        return f"{CALL}({lines}{days}) = 0"
    times = clause.get("at_least", 1)
    if not isinstance(times, int) or times < 1:
        raise ContractError(f"{where}: at_least is a whole number from 1, not {times!r}")
    return f"{CALL}({lines}{days}) >= {times}"


def _in_list(name: str, values: Any) -> str:
    texts = values if isinstance(values, list) else [values]
    return f"{name} in ({', '.join(exp.Literal.string(str(text)).sql() for text in texts)})"


def purchases_sql(purchases: Iterable[Purchase], date: str) -> str:
    """One scan over order lines: customer_id and a count per purchase, as known at `date`.

    `date` is a SQL date. Lines belong to whom the identity map valid at it says; what a product
    is counts from its last description on. Customers without any such order have no row.
    """
    counts = ",\n        ".join(
        f"count(distinct case when {_when(p, date)} then lines.order_id end) as {p.column}"
        for p in purchases
    )
    return f"""
    select owners.customer_id,
        {counts}
    from core.fct_order_lines as lines
    inner join identity.customer_identities as owners
        on owners.identity_id = lines.identity_id
        and owners.valid_from < {date}
        and (owners.valid_to is null or owners.valid_to >= {date})
    left join core.dim_products as products
        on products.product_id = lines.product_id
        and (products.updated_at is null or products.updated_at < {date})
    where lines.ordered_at < {date} and not lines.is_return
        and (lines.cancelled_at is null or lines.cancelled_at >= {date})
    group by owners.customer_id
    """


def _when(purchase: Purchase, date: str) -> str:
    if purchase.within_days is None:
        return f"({purchase.lines})"
    days = purchase.within_days
    return f"({purchase.lines}) and lines.ordered_at >= {date} - interval '{days}' day"
