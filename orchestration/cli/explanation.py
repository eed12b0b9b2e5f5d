"""How an explanation of one customer looks on a terminal, and as JSON."""

import json
import sys
from dataclasses import asdict

from rich.console import Console

from data_contracts.wording.dates import day_words
from data_contracts.wording.names import spelled
from data_contracts.wording.numbers import counted, fixed, money
from data_contracts.wording.scores import score_words, standing_words
from segmentry.explain.customer import Explanation, Score
from segmentry.explain.membership import Membership, Stay

ENTERED_BY = {
    "first_judged": "when segments were first judged",
    "behaviour": "by what they did",
    "score": "by their score",
    "model_change": "by a new model",
    "definition_change": "by a change of its definition",
    "identity": "by being recognised as one person",
    "consent": "by their consent",
    "data_correction": "by a correction of the data",
}


def print_explanation(explained: Explanation) -> None:
    """Who it is, what is expected of them and why, which segments they are in."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(f"[bold]{explained.customer_id}[/bold] at {day_words(explained.as_of_date)}")
    for line in _who(explained):
        console.print(line)
    console.print()
    answered = [score for score in explained.scores if score.score is not None]
    for score in answered:
        if score.category is None:
            _print_score(console, score, explained.currency)
    _print_categories(console, [score for score in answered if score.category])
    _print_unanswered(console, explained.scores)
    _print_segments(console, explained.segments)
    if answered:
        _print_notes(console, answered)


def _print_notes(console: Console, scores: list[Score]) -> None:
    """What the marks and figures mean, and which models spoke."""
    console.print(
        "▲ raises the prediction, ▼ lowers it. The figure is what the reason contributes: the "
        "contributions of all reasons sum to the score before calibration, on the scale on which "
        "the model adds.",
        style="dim",
    )
    trained: dict[str, list[str]] = {}
    for score in scores:
        if score.trained_as_of:
            trained.setdefault(day_words(score.trained_as_of), []).append(score.target)
    for day, targets in trained.items():
        console.print(f"Model trained {day}: {', '.join(targets)}", style="dim")


def _who(explained: Explanation) -> list[str]:
    since, stage = day_words(explained.stage_since), spelled(explained.stage)
    line = f"{stage} since {since}{' or longer' if explained.stage_since_is_oldest else ''}"
    bought = explained.purchases
    if bought is None:
        return [f"{line}; no order so far"]
    line += f"; first order {day_words(bought.first_date)}, last {day_words(bought.last_date)}"
    spend, year_spend = (
        money(amount, explained.currency) for amount in (bought.spend, bought.year_spend)
    )
    orders = counted(bought.order_count, "order", "orders")
    year_orders = counted(bought.year_order_count, "order", "orders")
    lines = [
        line,
        f"{orders} and {spend} so far, of these {year_orders} and {year_spend} in the last year",
    ]
    return [*lines, f"spends most on {bought.favourite}"] if bought.favourite else lines


def _print_score(console: Console, score: Score, currency: str) -> None:
    """The question, the answer, where it stands, and the reasons below."""
    answer = score_words(
        score.kind, score.score, currency=currency, horizon_days=score.horizon_days
    )
    stands = "" if score.percentile is None else f", {standing_words(score.percentile)}"
    console.print(f"{score.question} [bold]{answer}[/bold]{stands}")
    width = max((len(reason.words) for reason in score.reasons), default=0)
    for reason in score.reasons:
        mark = "▲" if reason.contribution > 0 else "▼"
        figure = f"{'+' if reason.contribution > 0 else ''}{fixed(reason.contribution, 2)}"
        console.print(f"  {mark} {reason.words:{width}}  [dim]{figure}[/dim]", soft_wrap=True)
    console.print()


def _print_categories(console: Console, scores: list[Score]) -> None:
    """What they will buy of, likeliest first, each with the strongest reason."""
    if not scores:
        return
    days = scores[0].horizon_days
    console.print(f"Chance that they buy something of a category in the next {days} days")
    width = max(len(str(score.category)) for score in scores)
    for score in sorted(scores, key=lambda one: one.score or 0.0, reverse=True):
        chance = score_words(score.kind, score.score, currency="", horizon_days=days)
        words = score.reasons[0].words if score.reasons else ""
        line = f"  [bold]{chance:>5}[/bold]  {score.category!s:{width}}  [dim]{words}[/dim]"
        console.print(line, soft_wrap=True)
    console.print()


def _print_unanswered(console: Console, scores: tuple[Score, ...]) -> None:
    """The questions without an answer, each with the reason."""
    unanswered = [score for score in scores if score.score is None]
    if not unanswered:
        return
    console.print("Not answered", style="dim")
    for score in unanswered:
        reason = score.why_none or "too little is known"
        console.print(f"  {score.question}\n    {reason}", style="dim", soft_wrap=True)
    console.print()


def _print_segments(console: Console, segments: Membership) -> None:
    """The segments they are in and what takes them out; the nearest others and what is missing."""
    console.print("[bold]In segments[/bold]" if segments.stays else "In no segment")
    for stay in segments.stays:
        lens = f"by {stay.lens}, " if stay.lens else ""
        console.print(f"  [bold]{stay.name}[/bold] {lens}{_since(stay)}. {_described(stay)}")
        if stay.alike:
            words = f"a cluster is named after its average; this customer: {stay.alike}"
            console.print(f"    {words}", style="dim", markup=False)
        deciding = [part for part in stay.parts if not part.condition.startswith("cluster_")]
        if deciding:
            fails = stay.leaves_when == "one fails"
            when = "leaves when one of these fails" if fails else "leaves when"
            words = "; ".join(part.words for part in deciding)
            console.print(f"    {when}: {words}", style="dim", markup=False)
    if segments.nearest:
        console.print("[bold]Nearest other segments[/bold]")
    for near in segments.nearest:
        console.print(f"  [bold]{near.name}[/bold]: {near.description}")
        console.print(f"    enters when {near.missing.words}", style="dim", markup=False)
    if not segments.judged:
        console.print(
            "A run is using the warehouse; ask again after it to see what would change this.",
            style="dim",
        )
    console.print()


def _described(stay: Stay) -> str:
    """What the segment is; a cluster's description that only says its name again is cut short."""
    words = stay.description.rstrip(".")
    return f"{words.removesuffix(stay.name).rstrip(': ')}." if words else ""


def _since(stay: Stay) -> str:
    reason = ENTERED_BY.get(str(stay.reason))
    return f"since {day_words(stay.since)}{f', {reason}' if reason else ' or longer'}"


def print_explanation_json(explained: Explanation) -> None:
    """The same for a script."""
    sys.stdout.write(
        json.dumps(asdict(explained), indent=2, default=str, ensure_ascii=False) + "\n"
    )
