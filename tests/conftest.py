"""Fixtures for every test; float64 and the rest of the environment are set in `../conftest.py`."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository, where README.md and pyproject.toml are."""
    return Path(__file__).parent.parent
