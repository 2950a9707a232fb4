"""A home and a landing zone with one sender."""

from pathlib import Path

import pytest

from tests.web.visitor import Visitor


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    (tmp_path / "landing" / "deliveries" / "cixi").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    return Visitor(tmp_path / "home", tmp_path / "landing")
