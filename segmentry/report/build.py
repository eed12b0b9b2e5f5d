"""Builds the report: every section reads for itself and names the page on which it stands."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType

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

# The pages of the report, files of one folder: name -> label in the navigation, and the headline;
# the front page writes its own.
PAGES = {
    "index": ("Overview", ""),
    "segments": ("Segments", "Every segment, and who moves between them"),
    "clusters": ("Clusters", "Groups that clustering found"),
    "models": ("Models", "How good the predictions are"),
    "customers": ("Customers", "Who the customers are, and what is expected of them"),
    "data": ("Data", "What was loaded, and how records became people"),
    "quality": ("Quality", "What the checks found"),
}
# The modules of segmentry/report/sections, in their order on a page. Each has PAGE (one of PAGES),
# LABEL (for the navigation), TITLE and `section(page)`; one that needs a layout of its own has a
# template of its name in templates/sections.
SECTIONS = (
    "changed",
    "worth_acting",
    "next_steps",
    "segments",
    "movement",
    "near_misses",
    "clusters",
    "models",
    "drift",
    "stages",
    "customers",
    "next_products",
    "channels",
    "loaded",
    "identity",
    "quality",
)
_SOURCES = "select distinct source from ops.loaded_files order by source"


def build_report(database: Path, out: Path, *, targets: Mapping[str, Target] | None = None) -> Path:
    """Write the report over the published database `database`: `out` is its front page.

    The other pages lie beside it as <page>.html, the model cards as models/<target>.md. targets: by
    name; None for those of the project. The same database gives the same bytes. Raises
    duckdb.IOException when `database` cannot be opened; the former report then stays.
    """
    # Outside debug mode Altair does not check charts against its schema, which takes longer than
    # to draw them.
    with open_page(database, targets) as page, debug_mode(False):
        cards = model_cards(page.reader, page.targets.values(), never_seen(load_contracts()))
        short = {name: in_short(card) for name, card in cards.items()}
        pages = _pages(replace(page, cards=short), out.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    for name, html in reversed(pages.items()):  # the front page last: what it links to is there
        _write(out.parent / name, html)
    write_model_cards(cards.values(), out.parent / "models")
    return out


def _write(path: Path, html: str) -> None:
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False
    ) as part:
        part.write(html)
    Path(part.name).chmod(0o644)
    os.replace(part.name, path)


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


def _pages(page: Page, front: str) -> dict[str, str]:
    """File name -> HTML, the front page first."""
    environment = templates()
    contracts = load_contracts()
    notices = [contracts.source(name).notice for name in page.read(_SOURCES)["source"]]
    modules = {name: import_module(f"segmentry.report.sections.{name}") for name in SECTIONS}
    files = {name: front if name == "index" else f"{name}.html" for name in PAGES}
    top = summary(page)
    made = {}
    for name, (label, headline) in PAGES.items():
        own = [section for section, module in modules.items() if name == module.PAGE]
        html = environment.get_template("page.html.jinja").render(
            page=name,
            label=label,
            headline=headline or top["headline"],
            tiles=top["tiles"] if name == "index" else [],
            as_of=top["as_of"],
            notes=[notice for notice in notices if notice] if name == "index" else [],
            navigation=[(key, PAGES[key][0], files[key]) for key in PAGES],
            sections=[_section(section, modules[section], page, environment) for section in own],
        )
        made[files[name]] = html.strip() + "\n"
    return made


def _section(name: str, module: ModuleType, page: Page, environment: jinja2.Environment) -> Section:
    own = f"sections/{name}.html.jinja"
    return {
        "id": name,
        "label": module.LABEL,
        "title": module.TITLE,
        "template": own if own in environment.list_templates() else "section.html.jinja",
        "content": module.section(page),
    }
