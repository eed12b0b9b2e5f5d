"""Next products: has the way of ranking chosen, ranks for everybody in the mart, writes it.

Everything is done at D alone and in batches of customers, so that memory is that of a batch.
"""

import datetime
from collections.abc import Iterator

import duckdb
import pandas as pd
import pyarrow as pa

from data_contracts.compiler.contract import Table
from ml.affinity import Ranker, choose_rankers, recommend
from ml.affinity_knowledge import Knowledge, learn
from ml.affinity_pairs import Kind
from ml.affinity_visitors import recommend_visitors
from orchestration.affinity_history import LEVELS, Reader, open_date
from orchestration.warehouse import insert_batch, replace_rows, rows_of

# Customers that item popularity, likeness and factors are learned from; ids are keyed hashes, so
# the first ones are a random sample.
LEARNING_CUSTOMERS = 50_000
BATCH_CUSTOMERS = 2000
# One date has up to forty rows per customer; older ones than this go.
KEPT_DAYS = 35


def write_affinity(
    connection: duckdb.DuckDBPyConnection, affinity: Table, metrics: Table, as_of: datetime.date
) -> dict[str, int]:
    """Choose, rank and write what everybody is likeliest to buy next at `as_of`.

    Dates older than KEPT_DAYS go. Returns the rows written, by table.
    """
    reader = open_date(connection, as_of)
    learned = {level: _learn(reader, level) for level in LEVELS}
    figures = [_named(judged, name, as_of) for name, (_, _, judged) in learned.items()]
    rows = rows_of(metrics, figures)
    replace_rows(connection, metrics, rows, f"trained_as_of = date '{as_of}'")
    oldest = as_of - datetime.timedelta(days=KEPT_DAYS)
    written = 0
    connection.execute("begin")
    connection.execute(
        f"delete from {affinity.full_name} where as_of_date = ? or as_of_date < ?", [as_of, oldest]
    )
    for name, (rankers, knowledge, _) in learned.items():
        for found in _batches(reader, name, rankers, knowledge):
            batch = pa.Table.from_pandas(found.assign(as_of_date=as_of), preserve_index=False)
            insert_batch(connection, affinity, batch)
            written += len(batch)
    connection.execute("commit")
    return {affinity.full_name: written, metrics.full_name: len(rows)}


def _learn(reader: Reader, level: str) -> tuple[dict[Kind, Ranker], Knowledge, pd.DataFrame]:
    learning = reader.level(level, 0, min(reader.buyer_count, LEARNING_CUSTOMERS))
    rankers, judged = choose_rankers(learning, reader.day)
    return rankers, learn(learning.bought, reader.day, learning.launched_day), judged


def _named(judged: pd.DataFrame, name: str, as_of: datetime.date) -> pd.DataFrame:
    dates = pd.to_datetime(judged["day"], unit="D").dt.date
    return judged.drop(columns="day").assign(item_level=name, trained_as_of=as_of, as_of_date=dates)


def _batches(
    reader: Reader, name: str, rankers: dict[Kind, Ranker], knowledge: Knowledge
) -> Iterator[pd.DataFrame]:
    """Rows of models.product_affinity but for their date, some customers at a time."""
    items = reader.items(name)
    buyers, viewers = reader.buyer_count, reader.buyer_count + reader.viewer_count
    for first, end, basis in (
        (0, buyers, "purchases"),
        (buyers, viewers, "views"),
        (viewers, reader.customer_count, "popularity"),
    ):
        for start in range(first, end, BATCH_CUSTOMERS):
            stop = min(start + BATCH_CUSTOMERS, end)
            level = reader.level(name, start, stop)
            if basis == "purchases":
                found = recommend(rankers, knowledge, level)
            else:
                found = recommend_visitors(knowledge, level.viewed)
            named = items.loc[found["item"], ["product_id", "category"]].reset_index(drop=True)
            ids = reader.customer_ids(start, stop).to_numpy()
            yield found.assign(
                customer_id=ids[found["customer"]],
                item_level=name,
                basis=basis,
                product_id=named["product_id"],
                category=named["category"],
            ).drop(columns=["customer", "item"])
