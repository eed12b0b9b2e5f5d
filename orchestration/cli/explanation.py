"""How an explanation of one customer looks on a terminal, and as JSON."""

import json
import sys
from dataclasses import asdict

from rich.console import Console

from data_contracts.wording.numbers import counted, money, percent, plain
from ml.targets.sentences import day_words
from segmentry.explain.customer import Explanation, ToldScore
from segmentry.explain.membership import Membership, Stay

CAME = {
    "behaviour": "by what they did",
    "score": "by their score",
    "model_change": "by a new model",
    "definition_change": "by a change of its definition",
    "identity": "by being recognised as one person",
    "consent": "by their consent",
    "data_correction": "by a correction of the data",
}


def print_explanation(told: Explanation) -> None:
    """Who it is, what is expected of them and why, which segments they are in."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(f"[bold]{told.customer_id}[/bold] at {day_words(told.as_of_date)}")
    for line in _who(told):
        console.print(line)
    console.print()
    answered = [score for score in told.scores if score.score is not None]
    for score in answered:
        _print_score(console, score, told.currency)
    _print_silent(console, told.scores)
    _print_segments(console, told.segments)
    if answered:
        _print_notes(console, answered)


def _print_notes(console: Console, scores: list[ToldScore]) -> None:
    """What the marks and figures mean, and which models spoke."""
    console.print(
        "▲ raises the score, ▼ lowers it. The figure is what the model adds for it: exact SHAP "
        "values on the scale on which it adds; with those of all else they sum to the score "
        "before calibration.",
        style="dim",
    )
    trained: dict[str, list[str]] = {}
    for score in scores:
        if score.trained_as_of:
            trained.setdefault(day_words(score.trained_as_of), []).append(score.target)
    for day, targets in trained.items():
        console.print(f"Model trained {day}: {', '.join(targets)}", style="dim")


def _who(told: Explanation) -> list[str]:
    facts = told.facts
    since = day_words(told.stage_since)
    stage = told.stage.replace("_", " ")
    lines = [f"{stage} since {since}{' or longer' if told.stage_since_is_oldest else ''}"]
    if "first_order_date" in facts:
        first, last = facts["first_order_date"], facts["last_order_date"]
        lines[0] += f"; first order {day_words(first)}, last {day_words(last)}"
        lines.append(
            f"{counted(facts['order_count'], 'order', 'orders')} and "
            f"{money(facts.get('spend_amount', 0.0), told.currency)} so far, of these "
            f"{counted(facts.get('orders_364d_count', 0), 'order', 'orders')} and "
            f"{money(facts.get('spend_364d_amount', 0.0), told.currency)} in the last year"
        )
    else:
        lines[0] += "; no order so far"
    if "top_category" in facts:
        lines.append(f"spends most on {facts['top_category']}")
    return lines


def _print_score(console: Console, score: ToldScore, currency: str) -> None:
    """The question, the answer, where it stands, and the reasons below."""
    answer = answer_words(score, currency)
    stands = "" if score.percentile is None else f", {standing_words(score.percentile)}"
    console.print(f"{score.question} [bold]{answer}[/bold]{stands}")
    if score.about:
        console.print(f"  {score.about}", soft_wrap=True)
    width = max((len(reason.words) for reason in score.reasons), default=0)
    for reason in score.reasons:
        mark = "▲" if reason.contribution > 0 else "▼"
        figure = f"{reason.contribution:+,.2f}".replace("-", "−")
        console.print(f"  {mark} {reason.words:{width}}  [dim]{figure}[/dim]", soft_wrap=True)
    console.print()


def _print_silent(console: Console, scores: tuple[ToldScore, ...]) -> None:
    """The questions without an answer, by the reason."""
    silent: dict[str, list[str]] = {}
    for score in scores:
        if score.score is None:
            silent.setdefault(score.why_none or "not known", []).append(score.target)
    for reason, targets in silent.items():
        console.print(f"No score for {', '.join(targets)}: {reason}", style="dim")
    if silent:
        console.print()


def answer_words(score: ToldScore, currency: str) -> str:
    """The score as a chance, money, a number or days."""
    if score.score is None:
        return "not known"
    if score.kind == "probability":
        return percent(score.score)
    if score.kind == "amount":
        return money(score.score, currency)
    if score.kind == "time":
        if score.score >= score.horizon_days - 0.5:
            return f"{score.horizon_days} days or more"
        return counted(round(score.score), "day", "days")
    return plain(round(score.score, 1))


def standing_words(percentile: float) -> str:
    """Where a score stands among those of all whom the target asks about."""
    if percentile >= 0.5:
        top = percentile >= 0.99
        return "among the highest 1%" if top else f"higher than for {percentile:.0%}"
    last = percentile <= 0.01
    return "among the lowest 1%" if last else f"lower than for {1 - percentile:.0%}"


def _print_segments(console: Console, segments: Membership) -> None:
    """The segments they are in and what takes them out; the nearest others and what is missing."""
    console.print("[bold]In segments[/bold]" if segments.stays else "In no segment")
    for stay in segments.stays:
        console.print(f"  [bold]{stay.name}[/bold] {_since(stay)}. {_described(stay)}")
        if stay.alike:
            told = f"a group is named after its average; this customer: {stay.alike}"
            console.print(f"    {told}", style="dim", markup=False)
        deciding = [part for part in stay.parts if not part.condition.startswith("cluster_")]
        if deciding:
            when = "out when one of these fails" if stay.leaves_when == "one fails" else "out when"
            told = "; ".join(part.words for part in deciding)
            console.print(f"    {when}: {told}", style="dim", markup=False)
    if segments.nearest:
        console.print("[bold]Nearest other segments[/bold]")
    for near in segments.nearest:
        console.print(f"  [bold]{near.name}[/bold]: {near.description}")
        console.print(f"    in when {near.missing.words}", style="dim", markup=False)
    if not segments.judged:
        console.print("A run is at work: ask again after it what would change this.", style="dim")
    console.print()


def _described(stay: Stay) -> str:
    """What the segment is; a cluster's description that only says its name again is cut short."""
    told = stay.description.rstrip(".")
    return f"{told.removesuffix(stay.name).rstrip(': ')}." if told else ""


def _since(stay: Stay) -> str:
    came = CAME.get(str(stay.reason))
    return f"since {day_words(stay.since)}{f', {came}' if came else ' or longer'}"


def print_explanation_json(told: Explanation) -> None:
    """The same for a script."""
    sys.stdout.write(json.dumps(asdict(told), indent=2, default=str, ensure_ascii=False) + "\n")
