"""What is true: whose every identifier is, who the people are, what campaigns did to them."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulation.behaviour import Life
from simulation.campaigns import KINDS, Assignments, Calendar
from simulation.columns import DAY, Texts, choose, dates, digits, join, plain, times
from simulation.kinds import KINDS as PERSON_KINDS
from simulation.output import Output
from simulation.people import NEVER, People


def person_ids(people: People, person: npt.ArrayLike) -> Texts:
    """The true id of each person at these positions."""
    return join("P", digits(people.number[np.asarray(person, np.int64)], 8))


class Truth:
    """Collects whose each identifier is, as it appears in the exports; one shared has many rows."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(
        self,
        system: str,
        identifier_type: str,
        identifier: Texts,
        person_id: Texts,
        real: npt.ArrayLike | None = None,
    ) -> None:
        """Add identifiers and their people; `real` leaves out placeholders and shared addresses."""
        frame = pa.table({"identifier": plain(identifier), "person_id": plain(person_id)})
        if real is not None:
            frame = frame.filter(pa.array(np.asarray(real)))
        frame = frame.filter(frame["identifier"].is_valid())
        frame = frame.group_by(["identifier", "person_id"], use_threads=False).aggregate([])
        for name, value in (("identifier_type", identifier_type), ("system", system)):
            frame = frame.add_column(0, name, choose([value], np.zeros(len(frame), int)))
        self._parts.append(frame)

    def write(self, output: Output) -> None:
        """Write them, each once."""
        whole = pa.concat_tables(self._parts).unify_dictionaries().combine_chunks()
        keys = whole.column_names
        whole = pa.table({name: plain(whole[name].combine_chunks()) for name in keys})
        whole = whole.group_by(keys, use_threads=False).aggregate([]).combine_chunks()
        output.truth("identifiers", {name: whole[name].combine_chunks() for name in keys})


def export_people(people: People, life: Life, start: int, days: int, output: Output) -> None:
    """Write the people: kind, household, when they joined and really left, how they are."""
    everyone = np.arange(len(people))
    gone = life.left < NEVER
    fading = people.is_kind("silent_leaver") & ~gone
    states = np.where(gone, 2, np.where(people.joined >= days - 60, 0, 1))
    output.truth(
        "persons",
        {
            "person_id": person_ids(people, everyone),
            "latent_type": choose([kind.name for kind in PERSON_KINDS], people.kind),
            "household_id": join("H", digits(people.number[people.head], 8)),
            "joined_date": dates(people.joined + start),
            "left_date": dates(np.where(gone, life.left, 0) + start, ~gone),
            "true_state": choose(["new", "active", "left", "fading"], np.where(fading, 3, states)),
            "orders": pa.array(np.bincount(life.orders.person, minlength=len(people))),
        },
    )


def export_effects(
    people: People,
    life: Life,
    calendar: Calendar,
    assignments: Assignments,
    order_value: npt.NDArray[np.float64],
    output: Output,
) -> None:
    """Write what each campaign does to each person it was planned for, and how it was assigned.

    order_value: each person's expected amount of an order. Effects are per person treated: the
    change in the probability of an order within the week after, and in the expected spend.
    """
    ids = choose(calendar.ids(), assignments.campaign)
    person = person_ids(people, assignments.person)
    with_it = life.base_orders + life.effect
    output.truth(
        "effects",
        {
            "campaign_id": ids,
            "person_id": person,
            "order_probability_effect": pa.array(np.exp(-life.base_orders) - np.exp(-with_it)),
            "spend_effect": pa.array(life.effect * order_value[assignments.person]),
        },
    )
    output.truth(
        "assignments",
        {
            "campaign_id": ids,
            "person_id": person,
            "assigned_at": times(assignments.second + calendar.start * DAY),
            "kind": choose(KINDS, calendar.kind[assignments.campaign]),
            "arm": choose(["control", "treatment"], assignments.treated.astype(int)),
            "is_random": pa.array(calendar.is_random[assignments.campaign]),
        },
    )
