"""What stands together in sequences gets near vectors, the same ones every time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.signals.encoders import (
    GROUP,
    TOKEN,
    VECTOR_COLUMNS,
    EncoderSettings,
    TooLittleDataError,
    align_vectors,
    digest_vectors,
    fit_vectors,
)

PETS = [f"pet-{n}" for n in range(10)]
TOOLS = [f"tool-{n}" for n in range(10)]


def baskets(seed: int = 0, people: int = 300, rare: int = 0) -> pd.DataFrame:
    """Half of the people buy pet food, half buy tools; `rare` products of pets are bought once."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"person-{person}", day, token, token.split("-")[0])
        for person in range(people)
        for day in range(4)
        for token in rng.choice(PETS if person % 2 else TOOLS, 3, replace=False)
    ]
    rows += [(f"person-{2 * n + 1}", 2, f"pet-rare-{n}", "pet") for n in range(rare)]
    events = pd.DataFrame(rows, columns=["sequence", "day", "token", "token_group"])
    events["occurred_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(events["day"], unit="D")
    return events.drop(columns="day")


def vectors_of(frame: pd.DataFrame, tokens: list[str], kind: str = TOKEN) -> np.ndarray:
    chosen = frame[frame["token_kind"] == kind].set_index("token")
    return chosen.loc[tokens, VECTOR_COLUMNS].to_numpy()


def test_products_bought_together_are_nearer_than_others():
    fitted = fit_vectors(baskets())
    pets, tools = vectors_of(fitted, PETS), vectors_of(fitted, TOOLS)
    assert (pets @ pets.T).mean() > (pets @ tools.T).mean() + 0.05
    assert np.abs(pets @ tools.T).max() < 1e-9, "nobody bought both"
    assert np.allclose(np.linalg.norm(pets, axis=1), 1)


def test_rare_products_share_the_vector_of_their_category():
    fitted = fit_vectors(baskets(rare=60))
    assert not fitted["token"].str.startswith("pet-rare").any()
    category = vectors_of(fitted, ["pet"], GROUP)
    assert (category @ vectors_of(fitted, PETS).T).min() > 0.1
    assert np.abs(category @ vectors_of(fitted, TOOLS).T).max() < 1e-9
    count = fitted.set_index(["token_kind", "token"]).loc[(GROUP, "pet"), "occurrence_count"]
    assert count == 150 * 4 * 3 + 60


def test_the_order_of_the_rows_changes_nothing():
    events = baskets(rare=30)
    shuffled = events.sample(frac=1, random_state=4)
    assert digest_vectors(fit_vectors(events)) == digest_vectors(fit_vectors(shuffled))


def test_another_day_of_data_does_not_turn_the_axes():
    """The refit is nearly the same data, so that aligned vectors nearly stay where they were."""
    earlier = fit_vectors(baskets(people=300))
    later = align_vectors(fit_vectors(baskets(people=320)), earlier)
    both = earlier.merge(later, on=["token_kind", "token"], suffixes=("_then", "_now"))
    then, now = ([f"{c}_{when}" for c in VECTOR_COLUMNS] for when in ("then", "now"))
    assert (both[then].to_numpy() * both[now].to_numpy()).sum(axis=1).mean() > 0.8


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_alignment_undoes_any_rotation(seed):
    fitted = fit_vectors(baskets())
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(8, 8)))
    turned = fitted.copy()
    turned[VECTOR_COLUMNS] = fitted[VECTOR_COLUMNS].to_numpy() @ turn
    assert np.allclose(align_vectors(turned, fitted)[VECTOR_COLUMNS], fitted[VECTOR_COLUMNS])


def test_alignment_keeps_the_angles_between_tokens():
    fitted, earlier = fit_vectors(baskets(1)), fit_vectors(baskets(2))
    before = fitted[VECTOR_COLUMNS].to_numpy()
    after = align_vectors(fitted, earlier)[VECTOR_COLUMNS].to_numpy()
    assert np.allclose(before @ before.T, after @ after.T)


def test_without_common_tokens_nothing_is_turned():
    fitted = fit_vectors(baskets())
    stranger = fitted.assign(token="other " + fitted["token"])
    pd.testing.assert_frame_equal(align_vectors(fitted, stranger), fitted)


def test_too_little_to_learn_from_is_said():
    with pytest.raises(TooLittleDataError, match="0 tokens occur 20 times or more, 9 are needed"):
        fit_vectors(baskets().head(5))
    with pytest.raises(TooLittleDataError, match="0 tokens"):
        fit_vectors(baskets().head(0))
    alone = baskets().drop_duplicates("token").assign(sequence=lambda f: f["token"])
    with pytest.raises(TooLittleDataError, match="no two different tokens"):
        fit_vectors(alone, EncoderSettings(min_count=1))


def test_events_without_token_person_or_group_do_no_harm():
    events = baskets()
    odd = events.head(3).assign(token=None)
    nobody = events.head(3).assign(sequence=None)
    fitted = fit_vectors(pd.concat([events, odd, nobody]))
    assert digest_vectors(fitted) == digest_vectors(fit_vectors(events))
    ungrouped = fit_vectors(events.assign(token_group=None))
    assert set(ungrouped["token_kind"]) == {TOKEN}


def test_the_digest_tells_any_change():
    fitted = fit_vectors(baskets())
    changed = fitted.copy()
    changed.loc[3, "vector_5"] = np.nextafter(changed.loc[3, "vector_5"], 2)
    renamed = fitted.assign(token=fitted["token"].replace("pet-1", "pet-one"))
    digests = {digest_vectors(frame) for frame in (fitted, changed, renamed, fitted.head(10))}
    assert len(digests) == 4
    assert digest_vectors(fitted.sample(frac=1, random_state=1)) in digests
