"""`segmentry simulate` says what it did, and refuses what it cannot do in words."""

import pytest

from tests.conftest import segmentry


def test_it_tells_its_progress_and_what_it_wrote(tmp_path):
    out = tmp_path / "world"
    done = segmentry("simulate", "--customers", "200", "--days", "40", "--out", str(out))
    assert "Simulated 200 of 200 customers" in done.stderr
    assert "synthetic shop of 200 customers and 40 days" in done.stdout
    assert (out / "shop_orders").is_dir()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--customers", "0"), "--customers 0: give 1 to 5,000,000"),
        (("--days", "7"), "--days 7: give 30 to 3,650"),
        (("--seed", "-1"), "--seed -1: give 0 to"),
    ],
)
def test_a_bad_number_is_refused(tmp_path, arguments, words):
    done = segmentry("simulate", *arguments, "--out", str(tmp_path / "world"), expect=2)
    assert words in done.stderr
    assert not (tmp_path / "world").exists()


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    done = segmentry("simulate", "--customers", "10", "--out", str(tmp_path), expect=2)
    assert "it is there and not empty; name a new folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
