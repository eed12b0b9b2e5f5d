"""Land what a home's configuration names: a source's files, and its live databases."""

from dataclasses import replace
from datetime import datetime

from data_contracts.definitions.contract import Contracts
from segmentry.home import Home
from segmentry.landing.databases import read_databases
from segmentry.landing.deliveries import landing_folder
from segmentry.landing.report import LandingReport
from segmentry.landing.source import land_source
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import Setting, set_setting


def land_configured(
    home: Home, contracts: Contracts, source: str, run_time: datetime
) -> LandingReport:
    """Land one source; an empty report where the home does not name it.

    Raises ConfigurationError and LandingError, after which the warehouse is as it was.
    """
    config = home.read_config()
    if source not in config.sources:
        return LandingReport(source)
    folder = landing_folder(contracts.source(source), config.sources[source])
    fetched = read_databases(home, contracts, source)
    delivered = home.delivered / source  # also what databases of earlier runs left
    with Warehouse(home).connect() as connection:
        if config.reporting_currency:
            set_setting(connection, Setting.REPORTING_CURRENCY, config.reporting_currency)
        databases = delivered if delivered.exists() else None
        report = land_source(connection, source, folder, contracts, run_time, databases)
    return replace(report, fetched=fetched)
