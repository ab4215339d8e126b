import csv
import io
import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from deployments.cli import label as command
from deployments.cli.main import app
from tests.support.http_service import RunningService
from tests.support.images import png, png_base64

RUNNER = CliRunner()


def label(service: RunningService, *arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["label", *map(str, arguments), "--url", service.url])


@pytest.fixture
def ids(service: RunningService) -> list[str]:
    """Five images that were read; the second and the fourth are corrected."""
    with httpx.Client(base_url=service.url) as client:
        found = []
        for n in range(5):
            body = {"image_base64": png_base64(size=(60 + n, 24))}
            found.append(client.post("/captcha_recap_image", json=body).json()["content"]["list_id"][0])
        for n, text in ((1, "ä,1"), (3, "003")):
            client.put(f"/v1/recognitions/{found[n]}/label", json={"label": text}).raise_for_status()
    return found


def corrected(service: RunningService) -> dict[str, str]:
    with httpx.Client(base_url=service.url) as client:
        items = client.get("/v1/recognitions?corrected=true").json()["items"]
    return {item["id"]: item["corrected_text"] for item in items}


def test_corrections_are_exported(service: RunningService, ids: list[str], tmp_path: Path) -> None:
    result = label(service, "export")
    assert (result.exit_code, result.stderr) == (0, "lines written: 2\n")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["id"], row["label"], row["text"], row["confidence"]) for row in rows] == [
        (ids[3], "003", "63x24", "0.9"),
        (ids[1], "ä,1", "61x24", "0.9"),
    ]
    lines = label(service, "export", "--json").stdout.splitlines()
    assert [json.loads(line)["corrected_text"] for line in lines] == ["003", "ä,1"]
    assert label(service, "export", tmp_path / "out.csv").exit_code == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == result.stdout


def test_all_that_was_read_is_exported_page_by_page(
    service: RunningService, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_PAGE", 2)
    rows = list(csv.DictReader(io.StringIO(label(service, "export", "--all").stdout)))
    assert [row["id"] for row in rows] == ids[::-1]
    assert [row["label"] for row in rows] == ["", "003", "", "ä,1", ""]


def test_an_export_with_images_is_a_folder_to_retrain_on(
    service: RunningService, ids: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "a" / "b"
    assert label(service, "export", tmp_path / "out.csv", "--images", folder).exit_code == 0
    assert (folder / f"{ids[3]}.png").read_bytes() == png(size=(63, 24))
    again = RUNNER.invoke(app, ["retrain", str(folder), "--no-follow", "--url", service.url])
    assert again.stdout.endswith("is queued, labelled images: 2\n")


def test_what_was_exported_and_worked_on_is_imported(service: RunningService, ids: list[str], tmp_path: Path) -> None:
    table = tmp_path / "work.csv"
    table.write_text(f"note,label,id\nx,new,{ids[0]}\n,,{ids[2]}\n,003b,{ids[3]}\n", encoding="utf-8-sig")
    result = label(service, "import", table)
    assert (result.exit_code, result.stdout) == (0, "2 of 2 corrections kept\n")
    assert corrected(service) == {ids[0]: "new", ids[1]: "ä,1", ids[3]: "003b"}


def test_what_the_service_refuses_is_named_and_the_rest_is_kept(
    service: RunningService, ids: list[str], tmp_path: Path
) -> None:
    table = tmp_path / "work.csv"
    table.write_text(f"id,label\n{ids[0]},{'x' * 21}\nno such,y\n{ids[4]},z\n")
    result = label(service, "import", table)
    assert (result.exit_code, result.stdout) == (5, "1 of 3 corrections kept\n")
    assert result.stderr.splitlines() == [
        f"error: {ids[0]}: bad label: label has 21 characters, the limit is 20",
        "error: no such: not found: no recognition has this id",
    ]
    assert corrected(service)[ids[4]] == "z"
    told = json.loads(label(service, "import", table, "--json").stdout)
    assert (told["kept"], set(told["refused"])) == (1, {ids[0], "no such"})


@pytest.mark.parametrize(
    ("content", "said"),
    [("id,text\na,b\n", "has no column 'label'"), ("id,label\n,b\n", "line 2 lacks 'id'"), (None, "cannot be read")],
)
def test_an_unusable_table_is_one_line(service: RunningService, tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "work.csv").write_text(content)
    result = label(service, "import", tmp_path / "work.csv")
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("ids")
def test_where_nothing_can_be_written_is_one_line(service: RunningService, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in ([tmp_path / "none" / "out.csv"], ["--images", str(tmp_path / "file")]):
        result = label(service, "export", *map(str, arguments))
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
        assert result.stderr.startswith("error: ")
