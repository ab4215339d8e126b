"""The fonts that come with the packages: the same on every machine, and no scan of a thousand others."""

from collections.abc import Iterator

import pytest

from train import fonts


@pytest.fixture(autouse=True, scope="session")
def bundled_fonts_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "FONT_FOLDERS", ())
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        fonts.font_set.cache_clear()
        yield
    fonts.font_set.cache_clear()
