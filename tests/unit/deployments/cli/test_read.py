import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.weights import base_folder
from tests.support.captcha_server import draw_captcha

RUNNER = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    for number in range(20):
        (tmp_path / "below" / f"{number:02}.png").write_bytes(draw_captcha(number))
    (tmp_path / "labels.csv").write_text("file,label\n")
    return tmp_path


def read(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return RUNNER.invoke(app, ["read", *map(str, arguments)], input=stdin)


def test_a_folder_is_read_in_order_as_json_lines(folder: Path) -> None:
    result = read(folder, "--json")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == [f"{n:02}.png" for n in range(20)]
    expected = Reader.load(base_folder()).read([draw_captcha(number) for number in range(20)])
    assert [line["text"] for line in lines] == [reading.text for reading in expected if isinstance(reading, Reading)]
    assert all(len(line["character_confidences"]) == len(line["text"]) for line in lines)


def test_csv_has_a_head_and_a_row_an_image(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(read(folder, "--format", "csv").stdout)))
    assert [row["file"] for row in rows] == [str(folder / "below" / f"{n:02}.png") for n in range(20)]
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)


def test_the_table_shows_file_and_text(folder: Path) -> None:
    result = read(folder / "below" / "03.png", "--charset", "8", "--max-length", "1", "--min-length", "1")
    assert result.exit_code == 0
    assert "03.png" in result.stdout
    assert " 8 " in result.stdout


def test_stdin_is_one_image() -> None:
    result = read("-", "--json", "--charset", "0123456789", stdin=draw_captcha(5))
    assert (line := json.loads(result.stdout))["file"] == "-"
    assert set(line["text"]) <= set("0123456789")


def test_what_cannot_be_read_is_named_and_the_rest_is_read(folder: Path) -> None:
    bad = folder / "bad.png"
    bad.write_bytes(b"no image")
    result = read(folder / "below" / "00.png", bad, folder / "missing.png", "--json")
    assert result.exit_code == 5
    good, unreadable, missing = (json.loads(line) for line in result.stdout.splitlines())
    assert good["text"]
    assert "PNG" in unreadable["error"]
    assert missing["error"] == "No such file or directory"
    assert "2 of 3" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--charset", ""], "charset"),
        (["--min-length", "5", "--max-length", "3"], "min_length"),
        (["--charset", "жы"], "charset"),
        (["--model", "nowhere"], "manifest.json"),
    ],
)
def test_impossible_wishes_are_one_line(folder: Path, options: list[str], said: str) -> None:
    result = read(folder, *options)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
