"""Builds the page: frames -> sections -> one self-contained HTML file."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType

import jinja2

from data_contracts.compiler.loading import load_contracts
from segmentry.report.read import Frames, read_frames
from segmentry.report.sections import channels as channel_sections
from segmentry.report.sections import clusters as cluster_sections
from segmentry.report.sections import customers, findings, movement
from segmentry.report.sections import drift as drift_sections
from segmentry.report.sections import models as model_sections
from segmentry.report.sections import near_misses as near_section
from segmentry.report.sections import next_products as affinity_sections
from segmentry.report.sections import segments as sections
from segmentry.report.theme import Renderer
from segmentry.report.words import Words

# Label and text of every line.
Lines = list[tuple[str, str]]
NO_CARDS: Mapping[str, Lines] = MappingProxyType({})


def build_report(
    database: Path,
    out: Path,
    features: Mapping[str, str] | None = None,
    *,
    targets: Mapping[str, str] | None = None,
    cards: Mapping[str, Lines] = NO_CARDS,
    source_notes: Mapping[str, str] | None = None,
) -> Path:
    """Writes the report over the serving database `database` to the file `out`.

    `features` and `targets` map a name to its description; a missing one is shown as its name
    in words; `cards` has a few lines of each model's card; `source_notes` by source, those of
    the contracts unless given. The same database gives the same
    bytes. Raises duckdb.IOException when `database` cannot be opened; `out` is then as it was.
    """
    frames = read_frames(database)
    say = Words(frames.currency, frames.as_of, features or {}, targets or {})
    if source_notes is None:
        described = load_contracts().described
        source_notes = {name: source.notice for name, source in described.items() if source.notice}
    html = _page(frames, say, dict(source_notes), cards)
    out.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=out.parent, suffix=".part", delete=False
    ) as part:
        part.write(html)
    Path(part.name).chmod(0o644)
    os.replace(part.name, out)
    return out


def _page(frames: Frames, say: Words, notes: dict[str, str], cards: Mapping[str, Lines]) -> str:
    draw = Renderer()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("segmentry.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template("page.html.jinja").render(
        summary=findings.summary(frames, say),
        notes=[notes[name] for name in sorted(set(frames.files["source"])) if name in notes],
        segments=sections.segments(frames, say, draw),
        stages=sections.stages(frames, draw),
        movement=movement.movement(frames, draw),
        customers=customers.customers(frames, say),
        near=near_section.near(frames, say),
        clusters=cluster_sections.clusters(frames, say, draw),
        models=model_sections.models(frames, say, draw),
        cards=cards,
        drift=drift_sections.drift(frames, say, draw),
        affinity=affinity_sections.affinity(frames),
        channels=channel_sections.channels(frames, draw),
        identity=channel_sections.identity(frames),
        loaded=sections.loaded(frames, draw),
        quality=sections.quality(frames, draw),
    )
    return page.strip() + "\n"
