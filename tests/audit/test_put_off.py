"""Modules that are imported only when they are used."""

import sys

import pytest

from pipelines.audit.put_off import put_off


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `heavy` with a module `part`, and a module `light` that imports both."""
    (tmp_path / "heavy").mkdir()
    (tmp_path / "heavy" / "__init__.py").write_text("SIZE = 1\n")
    (tmp_path / "heavy" / "part.py").write_text("SIZE = 2\n")
    (tmp_path / "light.py").write_text("import heavy\nfrom heavy import part\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("light", "heavy", "heavy.part"):
        sys.modules.pop(name, None)


def imported():
    return {"heavy", "heavy.part"} & set(sys.modules)


@pytest.mark.parametrize(
    ("names", "at_once"),
    [
        pytest.param([], {"heavy", "heavy.part"}, id="NOTHING"),
        pytest.param(["heavy.part"], {"heavy"}, id="A_MODULE_OF_A_PACKAGE"),
    ],
)
def test_it_is_imported_when_it_is_used(package, names, at_once):
    with put_off(*names):
        import light
    assert imported() == at_once
    assert (light.heavy.SIZE, light.part.SIZE) == (1, 2)
    assert imported() == {"heavy", "heavy.part"}


def test_it_may_be_used_while_others_are_put_off(package):
    with put_off("heavy.part"):
        import light

        assert (light.heavy.SIZE, light.part.SIZE) == (1, 2)


def test_a_package_too(package):
    with put_off("heavy"):
        import heavy
    assert imported() == set()
    assert heavy.SIZE == 1
    assert imported() == {"heavy"}


def test_afterwards_others_import_the_module_itself(package):
    with put_off("heavy.part"):
        import light
    from heavy import part

    assert part is sys.modules["heavy.part"]
    assert part is not light.part


def test_what_is_imported_already_is_left_alone(package):
    import heavy.part

    with put_off("heavy.part"):
        import light
    assert light.part is heavy.part is sys.modules["heavy.part"]
