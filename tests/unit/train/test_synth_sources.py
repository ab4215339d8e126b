"""The split: the training path may import four generators and none of those kept for measuring."""

import ast
from pathlib import Path

import pytest

import train

pytestmark = pytest.mark.slow

ALLOWED = {"captcha", "claptcha", "wheezy", "multicolorcaptcha"}
# Modules of the generators that only measure; django-simple-captcha shares the name `captcha` with lepture's.
FORBIDDEN = {
    "django",
    "fast_captcha",
    "gvcode",
    "graphic_verification_code",
    "captcha.models",
    "captcha.views",
    "captcha.helpers",
    "captcha.fields",
    "captcha.conf",
    # Of docs/decisions/0024.
    "bettercaptcha",
    "botblock",
    "CaptchaGen",
    "CaptchaGenerator",
    "captchaSaz",
    "captchax",
    "deepcaptcha",
    "demure_captcha",
    "DjangoCaptcha",
    "easy_captcha",
    "flask_simple_captcha",
    "InnoCaptcha",
    "kaptcha",
    "light_captcha",
    "pycturing",
    "xcaptcha",
}
FILES = sorted(Path(train.__file__).parent.rglob("*.py"))


def imported_names(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def is_forbidden(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in FORBIDDEN)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_imports_a_generator_that_measures(path: Path) -> None:
    assert not [name for name in imported_names(path.read_text()) if is_forbidden(name)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_names_a_measured_package_or_runs_node(path: Path) -> None:
    text = path.read_text().lower()
    measured = "svg-captcha", "trek-captcha", "captchapng", "gvcode", "fast_captcha", "gregwar", "securityimage"
    for word in (*measured, "authen::captcha", "simple_captcha", "npm"):
        assert word not in text


def test_the_check_finds_a_forbidden_import() -> None:
    assert any(map(is_forbidden, imported_names("from captcha.models import CaptchaStore")))
    assert any(map(is_forbidden, imported_names("import gvcode.core as g")))
    assert not any(map(is_forbidden, imported_names("from captcha.image import ImageCaptcha")))


def test_generators_are_imported_in_one_file_only() -> None:
    importers = {
        path.name for path in FILES if {name.split(".")[0] for name in imported_names(path.read_text())} & ALLOWED
    }
    assert importers <= {"package_styles.py", "fonts.py"}
