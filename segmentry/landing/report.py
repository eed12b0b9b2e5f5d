"""What one landing did, for people and for the run's metadata. Not here: doing it."""

from dataclasses import dataclass, field

from segmentry.landing.batch import Outcome


@dataclass
class TableReport:
    """What one landing did to one raw table; all but the first two count rows.

    files: delivered; new_files: read for the first time. unchanged: rows that were there with the
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
    warnings: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, released: bool = False) -> None:
        self.landed += outcome.landed
        self.unchanged += outcome.unchanged
        self.changed += outcome.changed
        self.quarantined += outcome.quarantined
        self.released += outcome.landed + outcome.changed if released else 0
        self.messages += outcome.messages


@dataclass
class LandingReport:
    """What one landing did. `tables` is keyed by entity; warnings and messages gather all."""

    source: str
    reporting_currency: str = ""
    tables: dict[str, TableReport] = field(default_factory=dict)
    folder_warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> list[str]:
        found = [warning for table in self.tables.values() for warning in table.warnings]
        return self.folder_warnings + found

    @property
    def messages(self) -> list[str]:
        found = [message for table in self.tables.values() for message in table.messages]
        return self.notes + found

    @property
    def changed_anything(self) -> bool:
        return any(t.new_files or t.released for t in self.tables.values())
