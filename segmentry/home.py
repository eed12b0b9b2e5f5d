"""Home: the one folder that holds everything a run makes, and its configuration."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[1]
DBT_PROJECT = PROJECT / "dbt_project"
REFERENCE = "env:"


class ConfigurationError(ValueError):
    """Something in the home or on the command line that a person has to put right."""


@dataclass(frozen=True)
class Config:
    """What a home remembers between runs (`config.yaml`).

    sources: source system -> landing folder (null: the folder of the installed demo data).
    databases: name in the raw contracts -> env:VARIABLE that holds the URL; never the URL itself.
    reporting_currency: null means the currency most orders of the first landing carry.
    cadence_days, history_periods: how often membership is judged, and how far back it starts.
    """

    sources: dict[str, str | None] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    reporting_currency: str | None = None
    cadence_days: int = 7
    history_periods: int = 4

    def __post_init__(self) -> None:
        if self.cadence_days < 1 or self.history_periods < 1:
            raise ConfigurationError("config.yaml: cadence_days and history_periods are at least 1")
        for name, reference in self.databases.items():
            if not str(reference).startswith(REFERENCE):
                raise ConfigurationError(
                    f"config.yaml: databases: {name}: a URL holds a password and is not kept in a "
                    f'file; put it into an environment variable and write "{REFERENCE}VARIABLE"'
                )


@dataclass(frozen=True)
class Home:
    """Paths below one home folder."""

    root: Path

    @classmethod
    def at(cls, folder: Path | None = None) -> "Home":
        """`folder`, else SEGMENTRY_HOME, else .segmentry in the project."""
        chosen = folder or os.environ.get("SEGMENTRY_HOME") or PROJECT / ".segmentry"
        return cls(Path(chosen).expanduser().resolve())

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def lock(self) -> Path:
        return self.root / "warehouse.lock"

    @property
    def serving(self) -> Path:
        return self.root / "serving"

    @property
    def served_database(self) -> Path:
        return self.serving / "current" / "segmentry.duckdb"

    @property
    def report(self) -> Path:
        return self.root / "report" / "index.html"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def delivered(self) -> Path:
        """Files that were read from live databases: source, table, file."""
        return self.root / "landing"

    @property
    def dlt(self) -> Path:
        """How far each database was read."""
        return self.root / "dlt"

    @property
    def config_file(self) -> Path:
        return self.root / "config.yaml"

    def create(self) -> None:
        """Make the folders that the libraries expect to find."""
        for folder in (self.root, self.models, self.dagster, self.dbt, self.serving):
            folder.mkdir(parents=True, exist_ok=True)

    def read_config(self) -> Config:
        """The stored configuration. Raises ConfigurationError on an unknown entry."""
        if not self.config_file.exists():
            return Config()
        entries = yaml.safe_load(self.config_file.read_text()) or {}
        unknown = set(entries) - set(Config.__dataclass_fields__)
        if unknown:
            known = ", ".join(Config.__dataclass_fields__)
            raise ConfigurationError(
                f"{self.config_file}: unknown entries {sorted(unknown)}; known are {known}"
            )
        return Config(**entries)

    def write_config(self, config: Config) -> None:
        self.create()
        self.config_file.write_text(yaml.safe_dump(asdict(config), sort_keys=False))

    def environment(self) -> dict[str, str]:
        """What dbt and Dagster read from the environment to work inside this home."""
        return {
            "SEGMENTRY_HOME": str(self.root),
            "SEGMENTRY_WAREHOUSE": str(self.warehouse),
            "DAGSTER_HOME": str(self.dagster),
            "DBT_TARGET_PATH": str(self.dbt / "target"),
            "DBT_LOG_PATH": str(self.dbt / "logs"),
            "DBT_PROFILES_DIR": str(DBT_PROJECT),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "GX_ANALYTICS_ENABLED": "false",
            "DLT_DATA_DIR": str(self.dlt),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        }
