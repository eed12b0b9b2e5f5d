"""`segmentry models`: which versions there are, which one scores, and who decided so."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from segmentry.models.decisions import Decision, DecisionRequest
    from segmentry.warehouse.door import Warehouse

models_app = typer.Typer(help="Stored models, and which of them score.", no_args_is_help=True)

ReasonOption = Annotated[str, typer.Option(help="Why, for whoever asks later.")]
FromOption = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        help="The first as_of_date it holds for [default: the next one that is scored].",
    ),
]
ByOption = Annotated[str | None, typer.Option(help="Who decides [default: your login].")]


@models_app.command("list")
def list_command(
    target: Annotated[str | None, typer.Option(help="Only this target or clustering.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Every version, newest first, and which one is in force."""
    from orchestration.cli.versions import print_versions, print_versions_json
    from segmentry.models.listing import list_versions

    rows = list_versions(_open(home), target)
    print_versions_json(rows) if json else print_versions(rows)


@models_app.command()
def show(version: str, home: HomeOption = None, json: JsonOption = False) -> None:
    """What a version was made from, how good it was, who decided about it."""
    from orchestration.cli.versions import print_version, print_version_json
    from segmentry.models.listing import show_version

    one = show_version(_open(home), version)
    print_version_json(one) if json else print_version(one)


@models_app.command()
def promote(
    version: str,
    reason: ReasonOption,
    start: FromOption = None,
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Let a version score its target."""
    from segmentry.models.decisions import promote as decide

    _print_decision(decide(_open(home), version, _request(reason, start, by)))


@models_app.command()
def demote(
    version: str,
    reason: ReasonOption,
    start: FromOption = None,
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Take the version in force out of it; its target is not scored until another is promoted."""
    from segmentry.models.decisions import demote as decide

    _print_decision(decide(_open(home), version, _request(reason, start, by)))


@models_app.command()
def rollback(
    target: str,
    reason: ReasonOption,
    start: FromOption = None,
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Bring back the model that a target or clustering had before the one in force."""
    from segmentry.models.decisions import roll_back

    _print_decision(roll_back(_open(home), target, _request(reason, start, by)))


def _open(home: Path | None) -> "Warehouse":
    from data_contracts.compiler.loading import load_contracts
    from segmentry.home import ConfigurationError, Home
    from segmentry.warehouse.door import Warehouse

    chosen = Home.at(home)
    if not chosen.warehouse.exists():
        raise ConfigurationError(f"{chosen.root} has no warehouse yet; segmentry run makes one")
    warehouse = Warehouse(chosen)
    warehouse.create(load_contracts())
    return warehouse


def _request(reason: str, start: datetime | None, by: str | None) -> "DecisionRequest":
    from segmentry.models.decisions import DecisionRequest

    return DecisionRequest(by or getpass.getuser(), reason, start.date() if start else None)


def _print_decision(decision: "Decision") -> None:
    now = decision.model_version or "no model"
    instead = f" in place of {decision.former}" if decision.former else ""
    typer.echo(
        f"{decision.target}: {now} from {decision.effective_from} on{instead}; "
        "earlier scores keep their model"
    )
