"""Texts as people write them: cleaned, scored, weighed by stored topics."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls
from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from ml.signals.encoders import TooLittleDataError
from ml.signals.text import KEPT_CHARACTERS, clean_text, describe_texts, score_sentiments, script_of
from ml.signals.topics import TOPIC_COLUMNS, TOPICS, fit_topics, weigh_topics
from segmentry.artefacts import ArtefactError, load_topics, save_topics

VADER = SentimentIntensityAnalyzer()
PLAIN = ["good", "BAD", "bad", "great!", "at", "of", "but", "no", "no", ":)", "😍", "a", "parcel"]
MODIFIERS = [*PLAIN * 5, *SPECIAL_CASES, *NEGATE, *BOOSTER_DICT]
GROUPS = [
    "parcel late courier tracking delivery doorstep",
    "refund charged invoice payment card twice",
    "size small shirt tight sleeve fitting",
    "broken screen cracked glass smashed box",
    "login password account locked reset email",
    "coupon discount code expired sale checkout",
    "coffee bitter beans roast taste grinder",
    "staff shop branch queue manager opening",
]


def written(count: int = 400, seed: int = 0) -> list[str]:
    """Texts of four words from one group each, group by group in turn."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(GROUPS[n % 8].split(), 4, replace=False)) for n in range(count)]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>Late <b>again</b>!</p><script>alert(1)</script>", "Late again !"),
        ("<style>p {color: red}", ""),
        ("5 < 6 &amp; 7 > 3", "5 < 6 & 7 > 3"),
        ("tab\tnew\nline\x00\x07end\u200b!", "tab new line end !"),
        ("mail me@home.example or https://shop.example/a?b=c now", "mail or now"),
        ("ﬁne ｆｕｌｌ", "fine full"),
        ("love it 😍", "love it 😍"),
        ("  ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_text_is_cleaned(raw, clean):
    assert clean_text(raw) == clean


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_becomes_printable_and_scores_within_bounds(text):
    row = describe_texts([text]).iloc[0]
    assert all(c.isprintable() or c in "\u200d\ufe0f" for c in row["text"])
    assert pd.isna(row["sentiment"]) or -1 <= row["sentiment"] <= 1


@pytest.mark.parametrize(
    "piece", ["very good ", "<b>x</b>", "<<<<", "&lt;", "好", "a", "\x00", "but "]
)
def test_a_megabyte_is_cut(piece):
    described = describe_texts([piece * (1_000_000 // len(piece))])
    assert len(described["text"][0]) <= KEPT_CHARACTERS


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Where is it?", "latin"),
        ("Où est-il ?", "latin"),
        ("Где мой заказ, OK?", "cyrillic"),
        ("我的订单在哪里", "han"),
        ("注文はどこですか", "kana"),
        ("주문이 어디에", "hangul"),
        ("أين طلبي", "arabic"),
        ("12345 !!! 😡", "none"),
        ("", "none"),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) == script


def test_happy_is_above_neutral_is_above_angry():
    happy, neutral, angry = score_sentiments(
        ["I love it, great service!", "The parcel has four sides.", "Terrible, I hate this shop!"]
    )
    assert happy > 0.5 > neutral == 0 > -0.5 > angry


def test_without_a_latin_word_there_is_no_sentiment():
    scores = score_sentiments(["", "很好", "ужасно", "12345", "😡", "OK 😡"])
    assert scores.isna().tolist() == [True, True, True, True, True, False]


@given(
    st.lists(
        st.sampled_from(MODIFIERS),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=300, deadline=None)
def test_sentiment_is_exactly_vaders_own(words):
    text = "x1 ab " + " ".join(words)
    assert score_sentiments([text])[0] == VADER.polarity_scores(text)["compound"]


def test_planted_groups_of_words_are_found_as_topics():
    model = fit_topics(written())
    topics = weigh_topics(model, GROUPS)
    assert sorted(topics["topic_id"]) == list(range(1, TOPICS + 1))
    assert topics[TOPIC_COLUMNS].max(axis=1).min() > 0.9
    for words, topic in zip(GROUPS, topics["topic_id"], strict=True):
        assert set(model.names[topic - 1].split(", ")) <= set(words.split())


def test_topics_do_not_depend_on_the_order_of_texts():
    texts = written()
    one, other = fit_topics(texts), fit_topics(texts[::-1] + texts[:50])
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())


def test_a_topic_keeps_its_number_through_a_refit():
    first = fit_topics(written(seed=1))
    again = fit_topics(written(seed=2)[::-1], first)
    for group in GROUPS:
        then, now = weigh_topics(first, [group]), weigh_topics(again, [group])
        assert then["topic_id"][0] == now["topic_id"][0]
    assert min(again.similarities) > 0.9
    assert first.similarities == (None,) * TOPICS


def test_a_text_weighs_the_same_alone_and_among_others():
    model = fit_topics(written())
    texts = [f"{a} {b}" for a, b in zip(written(60, 5), written(63, 6)[3:], strict=True)]
    texts += ["", "Где", "zzz"]
    together = weigh_topics(model, texts)
    alone = pd.concat([weigh_topics(model, [text]) for text in texts], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone, check_exact=True)
    assert np.allclose(together[TOPIC_COLUMNS].sum(axis=1), [1] * 60 + [0] * 3)


def test_weights_are_those_of_non_negative_least_squares():
    model = fit_topics(written())
    text = "parcel refund coupon coupon locked"
    shares = weigh_topics(model, [text])[TOPIC_COLUMNS].to_numpy()[0]
    values = {word: model.idf[model.words.index(word)] for word in set(text.split())}
    values["coupon"] *= 1 + np.log(2)
    row = np.array([values.get(word, 0) for word in model.words])
    expected, _ = nnls(model.components.T, row / np.linalg.norm(row))
    assert np.allclose(shares, expected / expected.sum(), atol=1e-9)


def test_a_text_without_a_known_word_has_no_topic():
    weights = weigh_topics(fit_topics(written()), ["", "Где мой заказ", "entirely unknown"])
    assert weights.isna().all(axis=None)


def test_too_few_texts_give_no_topics():
    with pytest.raises(TooLittleDataError, match="99 different texts, 100 are needed"):
        fit_topics([f"parcel late {n}" for n in range(99)] * 3)
    with pytest.raises(TooLittleDataError, match="share"):
        fit_topics([f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10]}zz" for n in range(100)])


def test_a_stored_model_comes_back_the_same(tmp_path):
    model = fit_topics(written())
    stored = save_topics(model, tmp_path / "topics")
    loaded = load_topics(stored.path, stored.digest)
    pd.testing.assert_frame_equal(weigh_topics(loaded, GROUPS), weigh_topics(model, GROUPS))
    assert save_topics(loaded, tmp_path / "again").digest == stored.digest


def test_a_changed_or_truncated_model_is_refused(tmp_path):
    stored = save_topics(fit_topics(written()), tmp_path / "topics")
    file = stored.path / "model.json"
    whole = file.read_bytes()
    for broken in (whole[: len(whole) // 2], whole.replace(b"coffee", b"toffee"), b""):
        file.write_bytes(broken)
        with pytest.raises(ArtefactError, match="is not the file that was stored"):
            load_topics(stored.path, stored.digest)
    file.unlink()
    with pytest.raises(ArtefactError, match="cannot read"):
        load_topics(stored.path, stored.digest)
