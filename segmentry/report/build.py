"""Builds the page: every section reads for itself, and together they are one HTML file."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile

import jinja2
from altair.utils.schemapi import debug_mode

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.target import Target
from segmentry.project.vocabulary import targets_in
from segmentry.report.findings import summary
from segmentry.report.model_cards import (
    in_short,
    model_cards,
    never_seen,
    write_model_cards,
)
from segmentry.report.page import Page, Section, newest_date
from segmentry.report.theme import Renderer
from segmentry.warehouse.facts import reporting_currency
from segmentry.warehouse.published import open_published

# The modules of segmentry/report/sections, in the order of the page. Each has LABEL (for the
# navigation), TITLE and `section(page)`; one that needs a layout of its own has a template of its
# name in templates/sections.
SECTIONS = (
    "segments",
    "stages",
    "movement",
    "clusters",
    "models",
    "drift",
    "customers",
    "near_misses",
    "next_products",
    "channels",
    "identity",
    "loaded",
    "quality",
)
_SOURCES = "select distinct source from ops.loaded_files order by source"


def build_report(database: Path, out: Path, *, targets: Mapping[str, Target] | None = None) -> Path:
    """Write the report over the published database `database` to `out`, model cards beside it.

    The cards are models/<target>.md. targets: by name; None for those of the project. The same
    database gives the same bytes. Raises duckdb.IOException when `database` cannot be opened; the
    former report then stays.
    """
    # Outside debug mode Altair does not check charts against its schema, which takes longer than
    # to draw them.
    with open_page(database, targets) as page, debug_mode(False):
        cards = model_cards(page.reader, page.targets.values(), never_seen(load_contracts()))
        short = {name: in_short(card) for name, card in cards.items()}
        html = _html(replace(page, cards=short))
    out.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=out.parent, suffix=".part", delete=False
    ) as part:
        part.write(html)
    Path(part.name).chmod(0o644)
    os.replace(part.name, out)
    write_model_cards(cards.values(), out.parent / "models")
    return out


@contextmanager
def open_page(database: Path, targets: Mapping[str, Target] | None = None) -> Iterator[Page]:
    """What the sections read, over a published database that stays open meanwhile."""
    contracts = load_contracts()
    with open_published(database, contracts) as reader:
        yield Page(
            reader=reader,
            as_of=newest_date(reader),
            currency=reporting_currency(reader) or "",
            descriptions={c.name: c.description for c in contracts.dictionary.values()},
            targets=targets_in(reader) if targets is None else targets,
            cards={},
            draw=Renderer(),
        )


def templates() -> jinja2.Environment:
    """The templates of the page; what they are handed is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("segmentry.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _html(page: Page) -> str:
    environment = templates()
    contracts = load_contracts()
    notices = [contracts.source(name).notice for name in page.read(_SOURCES)["source"]]
    html = environment.get_template("page.html.jinja").render(
        summary=summary(page),
        notes=[notice for notice in notices if notice],
        sections=[_section(name, page, environment) for name in SECTIONS],
    )
    return html.strip() + "\n"


def _section(name: str, page: Page, environment: jinja2.Environment) -> Section:
    module = import_module(f"segmentry.report.sections.{name}")
    own = f"sections/{name}.html.jinja"
    return {
        "id": name,
        "label": module.LABEL,
        "title": module.TITLE,
        "template": own if own in environment.list_templates() else "section.html.jinja",
        "content": module.section(page),
    }
