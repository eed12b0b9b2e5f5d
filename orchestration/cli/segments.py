"""`segmentry segments`: look at the catalogue, try a segment, approve it, retire it."""

import json as json_library
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.cli.options import HomeOption, JsonOption

segments_app = typer.Typer(help="The segment catalogue.", no_args_is_help=True)

SegmentArgument = Annotated[str, typer.Argument(help="The segment's id.")]


def _warehouse(home: Path | None) -> Any:
    from segmentry.home import Home
    from segmentry.warehouse.door import Warehouse

    return Warehouse(Home.at(home))


def _print_json(value: object) -> None:
    typer.echo(json_library.dumps(value, indent=2, default=str, ensure_ascii=False))


@segments_app.command("list")
def list_command(home: HomeOption = None, json: JsonOption = False) -> None:
    """Every segment with its status, size, moves and review date."""
    from orchestration.cli.tables import print_list
    from segmentry.segments.views import list_segments, records

    rows = records(list_segments(_warehouse(home)))
    if json:
        _print_json(rows)
    else:
        print_list(rows)


@segments_app.command()
def show(
    segment: SegmentArgument,
    customer: Annotated[
        str | None, typer.Option(help="Why this customer is in it, or is not.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """One segment in full: definition, sizes, why people moved, overlaps, who is nearly in."""
    from orchestration.cli.tables import print_segment, print_why
    from segmentry.segments.preview import newest_date
    from segmentry.segments.views import records, show_segment
    from segmentry.segments.why import why

    warehouse = _warehouse(home)
    shown = show_segment(warehouse, segment)
    if customer is None:
        _print_json(shown) if json else print_segment(shown)
        return
    rows = why(warehouse, customer, newest_date(warehouse))
    own = records(rows.loc[rows["segment_id"] == segment])
    _print_json(own) if json else print_why(segment, customer, own)


@segments_app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A segment file, committed or not.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Size, worth, overlaps, and who would enter and leave; nothing is written."""
    from data_contracts.compiler.loading import load_contracts
    from orchestration.cli.tables import print_preview
    from segmentry.segments.preview import preview as preview_file

    previews = preview_file(_warehouse(home), load_contracts(), file)
    if json:
        _print_json([one.as_dict() for one in previews])
    else:
        for one in previews:
            print_preview(one)


@segments_app.command()
def approve(
    segment: SegmentArgument,
    owner: Annotated[str | None, typer.Option(help="Who answers for it [asked for].")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for [asked for].")] = None,
    review_by: Annotated[
        str | None, typer.Option(help="When its owner looks again, as 2027-01-31 [asked for].")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    home: HomeOption = None,
) -> None:
    """Let campaigns use a proposed segment: writes its file; the next run takes it up."""
    from segmentry.home import ConfigurationError
    from segmentry.segments.files import review_date

    stored, status = _standing(segment, home)
    if status != "proposed":
        raise ConfigurationError(f"{segment} is {status}")
    decision: dict[str, object] = {
        "status": "approved",
        "owner": owner or typer.prompt("Owner"),
        "purpose": purpose or typer.prompt("Purpose"),
        "review_by": review_date(review_by or typer.prompt("Review by (2027-01-31)")),
    }
    if name:
        decision["name"] = name
    _decide(segment, stored, decision)


@segments_app.command()
def retire(segment: SegmentArgument, home: HomeOption = None) -> None:
    """End a segment: its members leave at the next run, its history stays."""
    from segmentry.home import ConfigurationError

    stored, status = _standing(segment, home)
    if status == "retired":
        raise ConfigurationError(f"{segment} is retired")
    _decide(segment, stored, {"status": "retired"})


def _standing(segment: str, home: Path | None) -> tuple[dict[str, Any], str]:
    """What the catalogue's newest version says of a segment, and its status. Raises if unknown."""
    from data_contracts.compiler.loading import ROOT
    from segmentry.segments.files import status_of
    from segmentry.segments.views import stored_definition

    stored = stored_definition(_warehouse(home), segment)
    return stored, status_of(ROOT / "segments", segment, stored)


def _decide(segment: str, stored: dict[str, Any], decision: dict[str, object]) -> None:
    from data_contracts.compiler.loading import ROOT
    from segmentry.project.vocabulary import written_segments
    from segmentry.segments.files import decide

    path = decide(ROOT / "segments", segment, stored, written_segments, **decision)
    typer.echo(f"{segment} is {decision['status']}: {path}; commit it, the next run takes it up")
