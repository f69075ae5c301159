"""The folder that keeps results: what is damaged is said, not raised as a foreign error."""

import numpy as np
import pytest

from saddlescape.core import InvalidInputError
from saddlescape.setups import ResultFolder, SetupSettings


def test_a_file_cut_anywhere_is_called_damaged(tmp_path):
    folder = ResultFolder(tmp_path / "kept", "kept.json", SetupSettings(problem="two-minima"))
    folder.keep("a.npz", {"x": np.arange(100.0)})
    np.testing.assert_array_equal(folder.read("a.npz")["x"], np.arange(100.0))
    file = tmp_path / "kept" / "a.npz"
    whole = file.read_bytes()
    for end in range(0, len(whole), 7):
        file.write_bytes(whole[:end])
        with pytest.raises(InvalidInputError, match="is damaged"):
            folder.read("a.npz")
