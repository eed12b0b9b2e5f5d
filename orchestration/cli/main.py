"""The `segmentry` command. Heavy libraries are imported inside commands: --help stays quick."""

import atexit
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from orchestration.cli.models import models_app
from orchestration.cli.options import HomeOption, JsonOption
from orchestration.cli.segments import segments_app

app = typer.Typer(
    name="segmentry",
    help="Warehouse-native customer segmentation: raw data to scored, explained segments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
contracts_app = typer.Typer(help="What tables promise.", no_args_is_help=True)
app.add_typer(contracts_app, name="contracts")
app.add_typer(models_app, name="models")
app.add_typer(segments_app, name="segments")


def main() -> None:
    """Entry point: 0 only when all went well, 1 a failed run, 2 bad usage or configuration."""
    from data_contracts.definitions.contract import ContractError
    from segmentry.home import ConfigurationError

    code: object = 0
    try:
        app()
    except SystemExit as ended:
        code = ended.code
    except (ConfigurationError, ContractError) as error:
        sys.stderr.write(f"segmentry: {error}\n")
        code = 2
    leave(code if isinstance(code, int) else int(code is not None))


def leave(code: int) -> NoReturn:
    """End the process once everything is closed and written.

    It skips the interpreter's teardown, in which DuckDB's bindings print a page of leaks when other
    libraries still hold their module.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


@app.command()
def run(
    source: Annotated[list[str], typer.Option(help="Source system to land; repeat for several.")],
    landing: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]DIR",
            help="Folder with a source's files; NAME= where several sources need one. "
            "The home remembers it.",
        ),
    ] = None,
    database: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL",
            help="A live database that delivers the tables of this name in the source's contract; "
            "NAME=env:VARIABLE is remembered, a URL is not.",
        ),
    ] = None,
    home: HomeOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Know only what was before this date."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """The whole job on your own files: land, build, score, judge segments, publish, report."""
    from data_contracts.compiler.loading import load_contracts
    from orchestration.cli.outcome import print_failure, print_json, print_outcome
    from orchestration.cli.progress import progress_logger
    from orchestration.run import run_whole_line
    from segmentry.home import ConfigurationError, Home
    from segmentry.landing.deliveries import database_urls, landing_folders
    from segmentry.project.check import check_project

    contracts = load_contracts()
    for name in source:
        if name not in contracts.sources():
            names = ", ".join(sorted(contracts.sources()))
            raise ConfigurationError(f"--source {name}: known are {names}")
    chosen = Home.at(home)
    sources = landing_folders(contracts, source, landing or [], chosen.read_config().sources)
    databases = database_urls(contracts, source, database or [])
    check_project()
    day = as_of.date() if as_of else None
    outcome = run_whole_line(chosen, sources, day, databases, progress_logger)
    if json:
        print_json(chosen, outcome)
    elif outcome.success:
        print_outcome(chosen, outcome)
    else:
        print_failure(chosen, outcome)
    raise typer.Exit(0 if outcome.success else 1)


@app.command()
def check() -> None:
    """Contracts, catalogue, targets: validate everything, run nothing."""
    from segmentry.project.check import check_project
    from segmentry.segments.catalogue import overdue_reviews

    typer.echo(f"{check_project()}: all well")
    for line in overdue_reviews(date.today()):
        typer.echo(f"warning: {line}")


@contracts_app.command("sync")
def contracts_sync() -> None:
    """Regenerate what contracts generate."""
    from data_contracts.compiler.loading import load_contracts
    from data_contracts.compiler.to_dbt import sync
    from segmentry.home import DBT_PROJECT

    changed = sync(load_contracts(), DBT_PROJECT)
    for path in changed:
        typer.echo(f"wrote {path.relative_to(DBT_PROJECT.parent)}")
    typer.echo(f"{len(changed)} files changed")


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; it must be new or empty.")],
    customers: Annotated[int, typer.Option(help="People to invent, from 1 to 5,000,000.")] = 5000,
    days: Annotated[int, typer.Option(help="Days to live through, from 30 to 3,650.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed writes the same world.")] = 7,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")
    ] = datetime(2023, 1, 2),
) -> None:
    """Write a synthetic omnichannel shop, in each system's own shape, and the truth beside it."""
    from segmentry.home import ConfigurationError

    for name, value, low, high in (
        ("customers", customers, 1, 5_000_000),
        ("days", days, 30, 3_650),
        ("seed", seed, 0, 2**32 - 1),
    ):
        if not low <= value <= high:
            raise ConfigurationError(f"--{name} {value}: give {low:,} to {high:,}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError(f"--out {out}: it is there and not empty; name a new folder")
    from simulation.world import simulate as simulate_world

    def show(done: int) -> None:
        typer.echo(f"Simulated {done:,} of {customers:,} customers ...", err=True)

    rows = simulate_world(customers, days, seed, out, start.date(), show)
    typer.echo(
        f"{out}: a synthetic shop of {customers:,} customers and {days:,} days, "
        f"{sum(rows.values()):,} rows in {len(rows)} tables"
    )


@app.command()
def explain(
    customer_id: Annotated[str, typer.Argument(help="The customer_id of segments.customer_360.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Why this customer has these scores and segments, and what would change them."""
    from orchestration.cli.explanation import print_explanation, print_explanation_json
    from segmentry.explain.customer import explain_customer
    from segmentry.home import Home

    explanation = explain_customer(Home.at(home), customer_id)
    if json:
        print_explanation_json(explanation)
    else:
        print_explanation(explanation)


@app.command()
def doctor(home: HomeOption = None) -> None:
    """What is wrong with this home, and what to do about it."""
    from segmentry.doctor import examine
    from segmentry.home import Home

    findings = examine(Home.at(home))
    for finding in findings:
        mark = "!" if finding.remedy else "ok"
        remedy = f"; {finding.remedy}" if finding.remedy else ""
        typer.echo(f"{mark:2} {finding.subject}: {finding.seen}{remedy}")
    raise typer.Exit(1 if any(finding.remedy for finding in findings) else 0)


@app.command()
def dev(home: HomeOption = None, port: int = 3000) -> None:
    """Open the Dagster UI on this home."""
    from orchestration.run import prepare
    from segmentry.home import Home

    chosen = Home.at(home)
    prepare(chosen)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.code_location"]
    os.execve(sys.executable, [*command, "-p", str(port)], os.environ | chosen.environment())
