"""Dagster events as progress on the screen: one line per step, warnings as they come."""

import logging

import dagster as dg
from dagster import DagsterEventType
from rich.console import Console

STEP_WORDS = {
    "plan": "Planning the dates",
    "dbt_evidence": "Gathering who is who with dbt",
    "identity": "Finding the people",
    "encoders": "Fitting encoders of products, behaviour and texts",
    "text_signals": "Reading the mood and topics of texts",
    "dbt_mart": "Building the feature mart with dbt",
    "dbt_derived": "Deriving membership and customer tables with dbt",
    "affinity": "Ranking next products",
    "labels": "Labelling what customers did",
    "models": "Training and backtesting models",
    "scores": "Scoring customers",
    "clusters": "Clustering customers",
    "drift": "Looking for drift, and comparing mature scores with what happened",
    "segments": "Deciding who is in which segment",
    "segment_neighbours": "Finding who is nearly in a segment, and who is like its members",
    "segments__segment_summary_as_usual": "Looking for segments that changed more than usual",
    "serving__snapshot": "Publishing the snapshot",
    "serving__report": "Writing the report",
}


LANDING = "land_"
# Dagster says of every later step that it was not executed: the failure itself is enough.
FOLLOWS = "Dependencies for step"


class ProgressHandler(logging.Handler):
    """Prints the steps of a run as people follow them; everything else stays in Dagster's log."""

    def __init__(self, console: Console, sources: list[str]) -> None:
        super().__init__()
        self.console = console
        self.sources = sources

    def _is_idle(self, step_key: str) -> bool:
        """Every source has its landing step; those that the run does not name do nothing."""
        source = step_key.removeprefix(LANDING)
        return source != step_key and source not in self.sources

    def emit(self, record: logging.LogRecord) -> None:
        event = (getattr(record, "dagster_meta", None) or {}).get("dagster_event")
        if event is None:
            meta = getattr(record, "dagster_meta", None) or {}
            message = str(meta.get("orig_message") or record.getMessage())
            if record.levelno >= logging.WARNING and not message.startswith(FOLLOWS):
                self.console.print(f"  [yellow]![/yellow] {message}", soft_wrap=True)
        elif event.step_key and self._is_idle(event.step_key):
            return
        elif event.event_type == DagsterEventType.STEP_START:
            self.console.print(f"[bold]{words_of(event.step_key)}[/bold] ...")
        elif event.event_type == DagsterEventType.STEP_SUCCESS:
            seconds = event.event_specific_data.duration_ms / 1000
            self.console.print(f"  [green]done[/green] in {seconds:.1f} s")
        elif event.event_type == DagsterEventType.STEP_FAILURE:
            self.console.print(f"  [red]failed[/red]: {words_of(event.step_key)}")


def words_of(step_key: str) -> str:
    """A step in words; land_<source> names its source, any other step its key without signs."""
    if step_key.startswith(LANDING):
        return f"Landing {step_key.removeprefix(LANDING)}"
    words = step_key.replace("__", ": ").replace("_", " ")
    return STEP_WORDS.get(step_key, f"{words[:1].upper()}{words[1:]}")


@dg.logger({"sources": dg.Array(str)}, description="Progress of a run on the screen.")
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.getLogger("segmentry.progress")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    console = Console(stderr=True, highlight=False)
    logger.handlers = [ProgressHandler(console, context.logger_config["sources"])]
    return logger
