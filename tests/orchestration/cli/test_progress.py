"""What a run says on the screen while it works."""

import pytest

from orchestration.cli.progress import LANDING, STEP_WORDS, words_of
from orchestration.definitions import build_defs
from segmentry.home import Home


def test_every_step_of_every_job_has_words_of_its_own(tmp_path):
    jobs = build_defs(Home(tmp_path)).resolve_all_job_defs()
    steps = {step for job in jobs for step in job.graph.node_dict}
    assert {step for step in steps if not step.startswith(LANDING)} <= set(STEP_WORDS)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("land_omnishop", "Landing omnishop"),
        ("models__customer_scores_as_usual", "Models: customer scores as usual"),
        ("segments__segment_summary_as_usual", "Looking for segments that changed more than usual"),
    ],
)
def test_a_step_is_never_shown_as_its_key(step, words):
    assert words_of(step) == words
