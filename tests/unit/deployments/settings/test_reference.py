from pathlib import Path

from deployments.settings import reference
from deployments.settings.environment import variable_names

PAGE = Path(__file__).parents[4] / "docs" / "settings.md"


def test_the_documented_settings_are_the_real_ones() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.render()


def test_every_variable_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = variable_names()
    groups = {name for name in names if any(other.startswith(f"{name}__") for other in names)}
    for name in set(names) - groups:
        assert f"`{name}`" in page
