"""What one landing did, for people and for the run's metadata. Not here: doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from segmentry.landing.compare import DUPLICATE_KEY
from segmentry.landing.plan import Batch, Plan, TablePlan
from segmentry.landing.temporary import FILES, PROBLEMS, STATUSES

MOST_MESSAGES = 50


@dataclass(frozen=True)
class BatchReport:
    """Rows of one batch; messages name file, row, column, rule and what to do.

    note: which reporting currency this batch settled, and why; empty otherwise.
    """

    batch: Batch
    rows: int
    landed: int
    unchanged: int
    changed: int
    quarantined: int
    messages: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class TableReport:
    """What one landing did to one raw table; all but the first two count rows.

    files: delivered; new_files: read for the first time. unchanged: rows that raw had with the
    same content. changed: rows that became a new version. released: rows landed that an earlier
    run had put into quarantine.
    """

    files: int = 0
    new_files: int = 0
    landed: int = 0
    unchanged: int = 0
    changed: int = 0
    quarantined: int = 0
    released: int = 0
    warnings: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The figures that a run shows of a table; rows are those that are new."""
        return {
            "files": self.files,
            "landed": self.landed,
            "unchanged": self.unchanged,
            "changed": self.changed,
            "quarantined": self.quarantined,
            "rows": self.landed,
        }


@dataclass(frozen=True)
class LandingReport:
    """What one landing did. `tables` is keyed by entity; warnings and messages gather all.

    fetched: database -> entity -> rows that it sent.
    """

    source: str
    reporting_currency: str = ""
    tables: Mapping[str, TableReport] = field(default_factory=dict)
    folder_warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fetched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        listed = [warning for table in self.tables.values() for warning in table.warnings]
        return [*self.folder_warnings, *listed]

    @property
    def messages(self) -> list[str]:
        listed = [message for table in self.tables.values() for message in table.messages]
        return [*self.notes, *listed]

    @property
    def changed_anything(self) -> bool:
        return any(t.new_files or t.released for t in self.tables.values())


def report_batch(
    connection: duckdb.DuckDBPyConnection, batch: Batch, note: str = ""
) -> BatchReport:
    """Count the rows of a batch from the relations that its steps left."""
    counts = dict(
        connection.execute(f"select status, count(*) from {STATUSES} group by status").fetchall()
    )
    total = connection.execute(f"select sum(row_count) from {FILES}").fetchone()
    rows = int(total[0] if total and total[0] else 0) - counts.get("kept", 0)
    unchanged, changed = counts.get("duplicate", 0), counts.get("changed", 0)
    quarantined = counts.get("quarantined", 0)
    landed = rows - unchanged - changed - quarantined
    messages = _messages(connection, batch)
    return BatchReport(batch, rows, landed, unchanged, changed, quarantined, messages, note)


def _messages(connection: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[str, ...]:
    """One message for every file, rule and column, with the first row that breaks it."""
    problems = connection.execute(
        "select files.name, min(problems._row), problems.column_name, problems.rule, "
        f"arg_min(problems.reason, problems._row), count(*) from {PROBLEMS} as problems "
        f"join {FILES} as files using (_file_number) where not ? or problems.rule = ? "
        "group by files.name, problems.column_name, problems.rule order by 1, 2, 3",
        [batch.is_retry, DUPLICATE_KEY],
    ).fetchall()
    messages = []
    for name, row, column, rule, reason, count in problems[:MOST_MESSAGES]:
        where = f", column {column}" if column else ""
        more = f" ({count} rows break this rule)" if count > 1 else ""
        messages.append(f"{name}, row {row}{where}: {rule}: {reason}{more}")
    if len(problems) > MOST_MESSAGES:
        messages.append(f"and {len(problems) - MOST_MESSAGES} more in ops.quarantined_rows")
    return tuple(messages)


def report_landing(
    plan: Plan, batches: Sequence[BatchReport], reporting_currency: str
) -> LandingReport:
    """Gather the batches by table, in the order in which the tables landed."""
    tables = {
        table.table.entity: _report_table(table, [b for b in batches if b.batch in table.batches])
        for table in plan.tables
    }
    notes = tuple(batch.note for batch in batches if batch.note)
    return LandingReport(plan.source, reporting_currency, tables, plan.folder_warnings, notes)


def _report_table(plan: TablePlan, batches: Sequence[BatchReport]) -> TableReport:
    only_headers = [
        f"{head.file.name}: empty file: only a header"
        for report in batches
        if not report.batch.is_retry and not report.rows
        for head in report.batch.heads
    ]
    return TableReport(
        files=plan.files,
        new_files=plan.new_files,
        landed=sum(report.landed for report in batches),
        unchanged=sum(report.unchanged for report in batches),
        changed=sum(report.changed for report in batches),
        quarantined=sum(report.quarantined for report in batches),
        released=sum(r.landed + r.changed for r in batches if r.batch.is_retry),
        warnings=(*plan.warnings, *only_headers),
        messages=tuple(message for report in batches for message in report.messages),
    )
