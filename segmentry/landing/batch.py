"""Land the new files of one table: part good rows from bad, insert, quarantine, keep the ledger.

Everything runs inside the transaction of the caller. Not here: which files there are, and in
which order tables land.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from data_contracts.compiler.to_landing import (
    LANDING_COLUMNS,
    bad_rows_sql,
    quote,
    row_rules,
    text,
)
from data_contracts.definitions.contract import Table
from segmentry.landing.files import FileHead
from segmentry.landing.relation import BATCH, REJECTED, drop_temporary, stage
from segmentry.landing.versions import settle

WRONG_SHAPE = "columns"
MOST_MESSAGES = 50


@dataclass(frozen=True)
class Outcome:
    """Rows of one table in one landing; messages name file, row, column, rule and what to do."""

    rows: int = 0
    landed: int = 0
    unchanged: int = 0
    changed: int = 0
    quarantined: int = 0
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """New files of one table, or (again) files whose quarantine may have an answer by now.

    loaded_at: when each file landed first; for new files the time of this run.
    """

    connection: duckdb.DuckDBPyConnection
    source: str
    table: Table
    heads: Sequence[FileHead]
    loaded_at: Sequence[datetime]
    run_time: datetime
    again: bool = False

    @property
    def table_name(self) -> str:
        return self.table.name.split("__", 1)[1]

    def land(self, before_judging: Callable[[], None] = lambda: None) -> Outcome:
        """Land the batch; `before_judging` may look at landing_batch before any rule does."""
        drop_temporary(self.connection)
        extra = self._extra_columns()
        if self.again:
            again_counts = self._list_again()
        landed_types, counts = stage(self.connection, self.table, self.heads, extra, self.again)
        self._list_files(again_counts if self.again else counts)
        before_judging()
        self._judge(landed_types)
        settle(self.connection, self.table, self._content(extra), self.again)
        self._insert(extra)
        if self.again:
            self._forget_released()
        self._quarantine(extra)
        self._keep_ledger()
        outcome = self._outcome()
        drop_temporary(self.connection)
        return outcome

    def _content(self, extra: Sequence[str]) -> list[str]:
        return [column.name for column in self.table.columns] + list(extra)

    def _extra_columns(self) -> list[str]:
        """Columns of raw that no contract has; those that come for the first time are added."""
        rows = self.connection.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ? "
            "and database_name = current_database() order by column_index",
            [self.table.schema, self.table.name],
        ).fetchall()
        ours = {column.name for column in self.table.columns} | set(LANDING_COLUMNS)
        extra = [name for (name,) in rows if name.lower() not in ours]
        known = {name.lower() for name in extra}
        for head in self.heads:
            for name in head.unknown:
                if name.lower() not in known:
                    self.connection.execute(
                        f"alter table {self.table.full_name} add column {quote(name)} varchar"
                    )
                    known.add(name.lower())
                    extra.append(name)
        return extra

    def _list_files(self, counts: Sequence[int]) -> None:
        self.connection.execute(
            "create temp table landing_files (_file_number integer, name varchar, digest varchar, "
            "byte_count bigint, row_count bigint, loaded_at timestamp)"
        )
        rows = [
            (number, head.file.name, head.file.digest, head.file.byte_count, count, loaded_at)
            for number, (head, count, loaded_at) in enumerate(
                zip(self.heads, counts, self.loaded_at, strict=True)
            )
        ]
        self.connection.executemany("insert into landing_files values (?, ?, ?, ?, ?, ?)", rows)

    def _list_again(self) -> list[int]:
        """Rows that only rules of context hold back: what was missing may have come."""
        rules = [
            rule.name for rule in row_rules(self.table, {}, self.run_time) if rule.needs_context
        ]
        self.connection.execute(
            "create temp table landing_again (_file_number integer, _row bigint)"
        )
        for number, head in enumerate(self.heads):
            self.connection.execute(
                "insert into landing_again select ?, row_number from ops.quarantined_rows "
                "where source = ? and table_name = ? and digest = ? "
                "group by row_number having bool_and(list_contains(?, rule))",
                [number, self.source, self.table_name, head.file.digest, rules],
            )
        counted = self.connection.execute(
            "select _file_number, count(*) from landing_again group by all"
        ).fetchall()
        return [dict(counted).get(number, 0) for number in range(len(self.heads))]

    def _judge(self, landed_types: dict[str, str]) -> None:
        """Fill landing_bad with every rule that a row breaks, landing_verdict with those rows."""
        self.connection.execute(
            "create temp table landing_bad (_file_number integer, _row bigint, "
            "column_name varchar, rule varchar, reason varchar)"
        )
        sql = bad_rows_sql(row_rules(self.table, landed_types, self.run_time), BATCH)
        if sql:
            self.connection.execute(f"insert into landing_bad {sql}")
        if not self.again:
            remedy = text("; give every row as many values as the header has names, quotes closed")
            self.connection.execute(
                f"insert into landing_bad select _file_number, _row, null, {text(WRONG_SHAPE)}, "
                f"message || {remedy} from {REJECTED}"
            )
        status = "kept" if self.again else "quarantined"
        self.connection.execute(
            "create temp table landing_verdict as select distinct _file_number, _row, "
            f"{text(status)} as status, 0 as version from landing_bad"
        )

    def _insert(self, extra: Sequence[str]) -> None:
        """Good rows into raw, in one stream."""
        names = ", ".join(f"this.{quote(name)}" for name in self._content(extra))
        several = self.connection.execute("select 1 from landing_verdict limit 1").fetchone()
        joined, version, where = "", "1", ""
        if several:
            joined = "left join landing_verdict as verdict using (_file_number, _row)"
            version = "coalesce(verdict.version, 1)"
            where = "where verdict.status is null or verdict.status in ('landed', 'changed')"
        self.connection.execute(
            f"insert into {self.table.full_name} by name select {names}, "
            f"cast(? as timestamp) as _loaded_at, landing_files.name as _file, _row, "
            f"cast({version} as integer) as _version from {BATCH} as this "
            f"join landing_files using (_file_number) {joined} {where}",
            [self.run_time],
        )

    def _forget_released(self) -> None:
        """Take out of quarantine what no rule holds back any more."""
        self.connection.execute(
            "delete from ops.quarantined_rows as held using landing_files, landing_again "
            "where landing_again._file_number = landing_files._file_number "
            "and held.source = ? and held.table_name = ? and held.digest = landing_files.digest "
            "and held.row_number = landing_again._row and not exists (select 1 from landing_bad "
            "where landing_bad._file_number = landing_again._file_number "
            "and landing_bad._row = landing_again._row and landing_bad.rule = held.rule)",
            [self.source, self.table_name],
        )

    def _quarantine(self, extra: Sequence[str]) -> None:
        """Bad rows with what they were, unless they lie there already."""
        fields = []
        described = self.connection.execute(f"describe {BATCH}").fetchall()
        there = {name for name, *_ in described}
        for name in self._content(extra):
            landed = name + "__landed" if name + "__landed" in there else name
            fields.append(f"{quote(name)}: cast(this.{quote(landed)} as varchar)")
        content = f"case when this._row is not null then to_json({{{', '.join(fields)}}}) end"
        self.connection.execute(
            "insert into ops.quarantined_rows by name "
            "select ? as source, ? as table_name, files.name as file, files.digest as digest, "
            "bad._row as row_number, bad.column_name, bad.rule, bad.reason, "
            f"cast(coalesce({content}, to_json({{line: rejected.line}})) as varchar) "
            "as row_content, cast(? as timestamp) as quarantined_at "
            "from landing_bad as bad join landing_files as files using (_file_number) "
            f"left join {BATCH} as this using (_file_number, _row) "
            f"left join {REJECTED} as rejected using (_file_number, _row) "
            "where not exists (select 1 from ops.quarantined_rows as held where held.source = ? "
            "and held.table_name = ? and held.digest = files.digest "
            "and held.row_number = bad._row and held.rule = bad.rule)",
            [self.source, self.table_name, self.run_time, self.source, self.table_name],
        )

    def _keep_ledger(self) -> None:
        """One row a file; of a file that was read again, only what it released is counted."""
        self.connection.execute(
            """
            insert into ops.loaded_files by name
            with counted as (
                select _file_number,
                    count(*) filter (status = 'kept') as kept_count,
                    count(*) filter (status = 'duplicate') as duplicate_count,
                    count(*) filter (status = 'changed') as changed_count,
                    count(*) filter (status = 'quarantined') as quarantined_count
                from landing_verdict group by _file_number
            ), ledger as (
                select ? as source, ? as table_name, files.name as file, files.digest,
                    files.byte_count, files.row_count - coalesce(kept_count, 0) as row_count,
                    coalesce(duplicate_count, 0) as duplicate_count,
                    coalesce(changed_count, 0) as changed_count,
                    coalesce(quarantined_count, 0) as quarantined_count,
                    cast(? as timestamp) as loaded_at
                from landing_files as files left join counted using (_file_number)
            )
            select *, row_count - duplicate_count - changed_count - quarantined_count
                as landed_count
            from ledger where row_count > 0 or not ? order by file
            """,
            [self.source, self.table_name, self.run_time, self.again],
        )

    def _outcome(self) -> Outcome:
        statuses = dict(
            self.connection.execute(
                "select status, count(*) from landing_verdict group by status"
            ).fetchall()
        )
        total = self.connection.execute("select sum(row_count) from landing_files").fetchone()
        rows = int(total[0] if total and total[0] else 0) - statuses.pop("kept", 0)
        unchanged, changed = statuses.get("duplicate", 0), statuses.get("changed", 0)
        quarantined = statuses.get("quarantined", 0)
        landed = rows - unchanged - changed - quarantined
        return Outcome(rows, landed, unchanged, changed, quarantined, self._messages())

    def _messages(self) -> tuple[str, ...]:
        """One message for every file, rule and column, with the first row that breaks it."""
        found = self.connection.execute(
            "select files.name, min(bad._row), bad.column_name, bad.rule, "
            "arg_min(bad.reason, bad._row), count(*) from landing_bad as bad "
            "join landing_files as files using (_file_number) "
            "where not ? or bad.rule = 'duplicate_key' "
            "group by files.name, bad.column_name, bad.rule order by 1, 2, 3",
            [self.again],
        ).fetchall()
        messages = []
        for name, row, column, rule, reason, count in found[:MOST_MESSAGES]:
            place = f", column {column}" if column else ""
            more = f" ({count} rows break this rule)" if count > 1 else ""
            messages.append(f"{name}, row {row}{place}: {rule}: {reason}{more}")
        if len(found) > MOST_MESSAGES:
            messages.append(f"and {len(found) - MOST_MESSAGES} more in ops.quarantined_rows")
        return tuple(messages)
