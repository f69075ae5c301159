"""An atlas holds exactly what was stored, or says in one sentence why it cannot be read."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import InvalidInputError
from saddlescape.surveys import CLASSES, POINTS, Atlas, finding, zero_loss

HEADER = {"seed": 3, "problem": {"name": "lécture"}, "network": {"widths": [3, 1]}}


def block(first, count, loss=0.25, outcome="converged"):
    """Return points of `count` starts, whose numbers tell them apart."""
    starts = list(range(first, first + count))
    return pa.table(
        {
            "start": starts,
            "theta": [[float(s), -0.0, 0.1] for s in starts],
            "loss": [loss + s for s in starts],
            "gradient_norm": [1e-14] * count,
            "eigenvalues": [[-1.0, 0.0, 1e-300]] * count,
            "index": [1] * count,
            "nullity": [1] * count,
            "uncertain": [0] * count,
            "threshold": [1e-9] * count,
            "kind": ["saddle"] * count,
            "outcome": [outcome] * count,
            "steps": [17] * count,
            "neurons": [[0, 2] if s % 2 else [] for s in starts],
            "kinks": [0] * count,
            "infinity": [None] * count,
        }
    )


def classes_of(*rows):
    """Return a table of classes from (loss, kind, count, copies)."""
    losses, kinds, counts, copies = zip(*rows, strict=True)
    size = len(rows)
    return pa.table(
        {
            "class": list(range(size)),
            "loss": losses,
            "gradient_norm": [1e-14] * size,
            "index": [int(kind == "saddle") for kind in kinds],
            "nullity": [0] * size,
            "kind": kinds,
            "count": counts,
            "copies": copies,
            "is_family": [False] * size,
            "spread": [0.0] * size,
            "theta": [[1.0]] * size,
            "eigenvalues": [[1.0]] * size,
            "representative": [0] * size,
            "members": [[0]] * size,
        }
    )


@pytest.fixture
def atlas(tmp_path):
    return Atlas.create(tmp_path / "new" / "atlas", HEADER)


def files_of(atlas):
    return {path.name: path.read_bytes() for path in atlas.folder.rglob("*") if path.is_file()}


def test_what_was_stored_is_read_back_to_the_last_bit(atlas):
    atlas.append_block(0, block(0, 5))
    again = Atlas.open(atlas.folder)
    assert again.points().equals(block(0, 5).cast(POINTS))
    assert again.points().schema == POINTS
    assert again.header == {"format": 2, **HEADER, "done": 5}


@given(order=st.permutations([(0, 3), (3, 1), (4, 6), (20, 2)]))
def test_blocks_in_any_order_give_the_points_in_the_order_of_the_starts(order, tmp_path_factory):
    atlas = Atlas.create(tmp_path_factory.mktemp("atlas"), {})
    for first, count in order:
        atlas.append_block(first, block(first, count))
    assert atlas.points()["start"].to_pylist() == [*range(10), 20, 21]
    assert atlas.blocks_done() == ((0, 2), (3, 3), (4, 9), (20, 21))
    assert Atlas.open(atlas.folder).header["done"] == 12


def test_a_block_that_is_interrupted_leaves_no_trace(atlas, monkeypatch):
    atlas.append_block(0, block(0, 4))
    before = files_of(atlas)

    def half(table, path, **options):
        path.write_bytes(b"PAR1 and then the power went")
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", half)
    with pytest.raises(KeyboardInterrupt):
        atlas.append_block(4, block(4, 4))
    assert files_of(atlas) == before
    monkeypatch.undo()
    atlas.append_block(4, block(4, 4))
    assert atlas.points().num_rows == 8


def test_a_process_killed_while_writing_leaves_a_file_that_no_reader_takes_for_a_block(atlas):
    atlas.append_block(0, block(0, 4))
    (atlas.folder / "points" / ".00000004-00000007.parquet.k3x.tmp").write_bytes(b"PAR1")
    assert Atlas.open(atlas.folder).blocks_done() == ((0, 3),)
    assert ds.dataset(atlas.folder / "points").to_table().num_rows == 4


@pytest.mark.parametrize(("first", "count"), [(0, 1), (9, 4), (2, 3), (0, 40)])
def test_starts_are_stored_once(atlas, first, count):
    atlas.append_block(0, block(0, 10))
    with pytest.raises(InvalidInputError, match="overlap the stored block 0-9"):
        atlas.append_block(first, block(first, count))


def test_a_block_must_be_numbered_as_it_says(atlas):
    with pytest.raises(InvalidInputError, match="are not 5 to 7 in order"):
        atlas.append_block(5, block(4, 3))
    with pytest.raises(InvalidInputError, match="in order"):
        atlas.append_block(0, block(0, 0))


def test_a_missing_or_wrong_column_is_named(atlas):
    with pytest.raises(InvalidInputError, match="lacks the columns theta, kind"):
        atlas.append_block(0, block(0, 2).drop(["theta", "kind"]))
    wrong = block(0, 2).set_column(2, "loss", [["low", "high"]])
    with pytest.raises(InvalidInputError, match="wrong type"):
        atlas.append_block(0, wrong)


@given(copies=st.integers(min_value=0, max_value=10**1000))
def test_the_number_of_copies_is_exact(copies, tmp_path_factory):
    atlas = Atlas.create(tmp_path_factory.mktemp("atlas"), {})
    atlas.write_classes(classes_of((0.5, "minimum", 3, str(copies))))
    assert int(Atlas.open(atlas.folder).classes()["copies"][0].as_py()) == copies


def test_classes_are_replaced_and_empty_at_first(atlas):
    assert atlas.classes().schema == CLASSES
    assert atlas.classes().num_rows == 0
    atlas.write_classes(classes_of((0.1, "saddle", 1, "2"), (0.2, "saddle", 1, "2")))
    atlas.write_classes(classes_of((0.1, "minimum", 2, "2")))
    assert atlas.classes()["kind"].to_pylist() == ["minimum"]


@pytest.mark.parametrize("labels", [np.int64, np.float64])
def test_a_sample_of_the_data_is_evenly_spaced_and_at_most_5000_rows(atlas, labels):
    assert atlas.samples() is None
    target = np.arange(12_000).astype(labels)
    atlas.write_samples(pa.table({"inputs": [[0.0, 1.0]] * 12_000, "target": target}))
    kept = atlas.samples()["target"].to_numpy()
    assert kept.dtype == labels
    assert len(kept) == 5_000
    assert set(np.diff(kept)) == {2, 3}


def test_the_header_can_be_changed_and_takes_json_only(atlas):
    atlas.update(seconds={"search": 1.5})
    assert Atlas.open(atlas.folder).header["seconds"] == {"search": 1.5}
    with pytest.raises(InvalidInputError, match="plain values"):
        atlas.update(seconds=float("nan"))
    assert Atlas.open(atlas.folder).header == atlas.header


def test_an_atlas_is_never_made_over_something_else(atlas, tmp_path):
    with pytest.raises(InvalidInputError, match="already holds an atlas"):
        Atlas.create(atlas.folder, {})
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InvalidInputError, match=r"other files \(.*\)"):
        Atlas.create(tmp_path, {})
    with pytest.raises(InvalidInputError, match="cannot make the folder"):
        Atlas.create(tmp_path / "thesis.tex", {})


def test_what_is_not_an_atlas_is_refused_in_one_line(tmp_path):
    with pytest.raises(InvalidInputError, match="no such folder") as missing:
        Atlas.open(tmp_path / "nowhere")
    with pytest.raises(InvalidInputError, match=r"it has no atlas\.json") as empty:
        Atlas.open(tmp_path)
    assert "\n" not in f"{missing.value}{empty.value}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 1, "seed"', "cannot be read"),
        ("[1, 2]", "not the header of an atlas"),
        ('{"seed": 0}', "not the header of an atlas"),
        ('{"format": "one"}', "not the header of an atlas"),
        ('{"format": 99}', "atlas format 99, this version reads up to 2"),
        ("\x00\x80", "not the header of an atlas|cannot be read"),
    ],
)
def test_a_damaged_or_newer_header_is_refused_in_one_line(atlas, text, message):
    (atlas.folder / "atlas.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidInputError, match=message) as caught:
        Atlas.open(atlas.folder)
    assert "\n" not in str(caught.value)


def test_a_truncated_table_is_named_and_the_cure_works(atlas):
    for first in (0, 3):
        atlas.append_block(first, block(first, 3))
    damaged = atlas.folder / "points" / "00000003-00000005.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(InvalidInputError, match=r"00000003-00000005.parquet is damaged.*delete"):
        Atlas.open(atlas.folder).points()
    damaged.unlink()
    again = Atlas.open(atlas.folder)
    again.append_block(3, block(3, 3))
    assert again.points().num_rows == 6


def test_the_finding_counts_what_is_stored(atlas):
    assert finding(atlas) == "No starts are stored yet."
    atlas.append_block(0, block(0, 7))
    atlas.append_block(7, block(7, 2, outcome="running to infinity"))
    rows = [(1e-31, "minimum", 4, "24"), (0.5, "saddle", 2, "12"), (0.7, "minimum", 1, "24")]
    atlas.write_classes(classes_of(*rows))
    assert finding(atlas) == (
        "9 starts: 3 distinct critical points (2 minima, 1 saddle); "
        "4 reached a global minimum (loss < 1e-15), 2 ran to infinity."
    )


def test_a_loss_above_rounding_is_not_called_a_global_minimum(atlas):
    atlas.append_block(0, block(0, 250))
    atlas.write_classes(classes_of((0.03125, "minimum", 50, "2")))
    assert finding(atlas) == (
        "250 starts: 1 distinct critical point, a minimum; "
        "50 (20 %) reached the lowest one, loss 0.03125."
    )


def test_a_surface_may_fall_below_zero_without_being_a_perfect_fit(tmp_path):
    atlas = Atlas.create(tmp_path / "atlas", {"network": None})
    atlas.append_block(0, block(0, 3))
    atlas.write_classes(classes_of((-2.5, "flat", 2, "1"), (0.0, "plateau", 1, "1")))
    assert finding(atlas) == (
        "3 starts: 2 distinct critical points (1 flat point, 1 plateau); "
        "2 reached the lowest one, loss -2.5."
    )


def test_what_counts_as_zero_scales_with_the_targets(atlas):
    plain = zero_loss(atlas)
    atlas.update(loss_scale=1e6)
    assert plain == 1e-15
    assert zero_loss(atlas) == 1e-9
    assert json.loads((atlas.folder / "atlas.json").read_text())["loss_scale"] == 1e6
