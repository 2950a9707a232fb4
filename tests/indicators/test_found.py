"""An indicator is found wherever its package has a folder, and a night without one of the cards does not begin."""

import datetime as dt

import pytest

from pipelines import indicators
from pipelines.errors import VbpError
from pipelines.night.begin import make_ready
from pipelines.settings import Settings
from schemas.declared import beside


@pytest.fixture
def cardless(tmp_path, monkeypatch):
    """A second folder of indicators, with one of a single file and no card."""
    (tmp_path / "cardless.py").write_text("", "utf-8")
    monkeypatch.setattr(indicators, "__path__", [*indicators.__path__, str(tmp_path)])
    monkeypatch.setattr("pipelines.night.begin.all_indicators", lambda: {"payment": None, "cardless": None})
    return tmp_path


def test_what_lies_beside_an_indicator_lies_in_its_own_folder(cardless):
    assert beside("card.md")["cardless"] == cardless / "cardless.md"
    assert beside("card.md")["payment"].is_file()


def test_a_night_does_not_begin_without_a_card(cardless):
    with pytest.raises(VbpError, match=r"缺少指标 cardless 的说明卡 .*cardless\.md；请补写"):
        make_ready(Settings(home=cardless / "home", landing=cardless), dt.date(2020, 12, 31))
    assert not (cardless / "home").exists()
