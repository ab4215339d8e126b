import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from deployments.cli import outcome
from deployments.cli.main import app
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import choose_ports
from deployments.cluster.state import ClusterState
from deployments.records import Database, RetrainState
from tests.support.http_service import RunningService, opened_records
from tests.support.images import png, png_base64
from tests.support.scripted_retrainer import begin_first_job, end_job, scripted
from tests.unit.deployments.cli.conftest import ServeOver

RUNNER = CliRunner()
KEY = "k" * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, two of them listed."""
    labelled = tmp_path / "labelled"
    (labelled / "below").mkdir(parents=True)
    for name in ("4207.png", "below/1.PNG", "kk77.png"):
        (labelled / name).write_bytes(png(name))
    (labelled / "notes.txt").write_text("no image")
    (labelled / "labels.csv").write_text("label,file,who\nα7,4207.png,me\n01,below/1.PNG,\n", encoding="utf-8")
    return labelled


def retrain(service: RunningService, *arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["retrain", *map(str, arguments), "--url", service.url])


def port_of(service: RunningService) -> int:
    return int(service.url.rpartition(":")[2])


def learnt_from(service: RunningService) -> list[tuple[bytes, str]]:
    [file] = service.data_dir.glob("blobs/datasets/*/examples.parquet")
    return [(row["image"], row["label"]) for row in pq.read_table(io.BytesIO(file.read_bytes())).to_pylist()]


def test_a_folder_is_posted_and_watched_to_the_verdict(
    service: RunningService, database: Database, folder: Path
) -> None:
    with scripted(database, RetrainState.PROMOTED, reason="better"):
        result = retrain(service, folder)

    assert result.exit_code == 0, result.stderr
    assert learnt_from(service) == [(png("4207.png"), "α7"), (png("below/1.PNG"), "01")]
    watched = [line for line in result.stderr.splitlines() if not line.startswith("sending")]
    assert watched == [
        "queued",
        "training",
        "training: epoch 1, loss 1, 30.0 % exact, 40 s left",
        "training: epoch 2, loss 0.5, 60.0 % exact, 20 s left",
        "training: epoch 3, loss 0.333, 90.0 % exact, 0 s left",
        "promoted",
    ]
    said = result.stdout
    assert said.startswith("promoted as retrain-1: better\n")
    for part in (
        "74.1",
        "98.2",
        "+24.1",
        "-0.3",
        "gained 41, lost 1",
        "p = 2.4e-11",
        "new characters: ß",
        "left out: 3 duplicate, 1 too long\n",
        "[9]",
    ):
        assert part in said, part
    assert "[10]" not in said
    assert "and 2 more" in said


@pytest.mark.parametrize(
    ("state", "options", "code"),
    [
        (RetrainState.REJECTED, (), 3),
        (RetrainState.REJECTED, ("--debug",), 0),
        (RetrainState.FAILED, (), 1),
        (RetrainState.FAILED, ("--debug",), 1),
        (RetrainState.CANCELLED, (), 4),
    ],
)
def test_the_exit_code_tells_how_it_ended(
    service: RunningService, database: Database, folder: Path, state: RetrainState, options: tuple[str, ...], code: int
) -> None:
    with scripted(database, state, reason="no [free] CPU"):
        result = retrain(service, folder, *options)
    assert result.exit_code == code
    assert result.stdout.startswith(f"{state}: no [free] CPU\n")


def test_with_json_the_job_alone_is_on_stdout(service: RunningService, database: Database, folder: Path) -> None:
    with scripted(database, RetrainState.REJECTED):
        result = retrain(service, folder, "--json")
    job = json.loads(result.stdout)
    assert (result.exit_code, job["state"], job["examples"], len(job["epochs"])) == (3, "rejected", 2, 3)


def test_names_of_files_can_be_the_labels(service: RunningService, folder: Path) -> None:
    result = retrain(service, folder, "--stems", "--no-follow")
    assert result.exit_code == 0, result.stderr
    assert learnt_from(service) == [(png("4207.png"), "4207"), (png("kk77.png"), "kk77")]


def test_a_table_of_labels_can_be_named(service: RunningService, folder: Path) -> None:
    (folder / "labels.csv").rename(folder / "mine.csv")
    first = retrain(service, folder / "mine.csv", "--no-follow")
    assert (first.exit_code, len(learnt_from(service))) == (0, 2)
    assert first.stdout.endswith("is queued, labelled images: 2\n")
    second = retrain(service, folder / "mine.csv", "--no-follow", "--debug")
    assert second.stdout.endswith("is queued behind 1, labelled images: 2\n")
    third = json.loads(retrain(service, folder / "mine.csv", "--no-follow", "--json").stdout)
    assert (third["queue_position"], third["debug"]) == (2, False)


@pytest.mark.slow
def test_corrections_are_learnt_from_with_and_without_a_folder(service: RunningService, folder: Path) -> None:
    none = retrain(service, "--corrections")
    assert (none.exit_code, none.stderr) == (
        2,
        "error: nothing to learn from: no image was corrected, and no images were sent along\n",
    )
    with httpx.Client(base_url=service.url) as client:
        read = client.post("/captcha_recap_image", json={"image_base64": png_base64()}).json()
        client.put(f"/v1/recognitions/{read['content']['list_id'][0]}/label", json={"label": "42"})

    alone = json.loads(retrain(service, "--corrections", "--no-follow", "--json").stdout)
    both = json.loads(retrain(service, folder, "--corrections", "--no-follow", "--json").stdout)
    later = json.loads(retrain(service, folder, "--corrections", "--since=2100-01-01", "--no-follow", "--json").stdout)
    assert [job["examples"] for job in (alone, both, later)] == [1, 3, 2]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "has no labels.csv; with --stems the files' names are the labels"),
        ("", "has no column 'file': its first line must name file, label"),
        ("file,text\na,b\n", "has no column 'label': its first line must name file, label"),
        ("file,label\n", "holds no labelled image"),
        ("file,label\n4207.png,\n", "line 2 lacks 'label'"),
        ("file,label\n4207.png,a\n,b\n", "line 3 lacks 'file'"),
        ("file,label\nnone.png,a\n", "line 2: there is no file none.png"),
        (b"file,label\n4207.png,\xff\n", "cannot be read as CSV in UTF-8"),
        ("file,label\n4207.png,ab\tc\n", "bad label: list_label[0] holds a control character"),
    ],
)
def test_unusable_labels_are_one_line(
    service: RunningService, folder: Path, table: str | bytes | None, said: str
) -> None:
    (folder / "labels.csv").unlink()
    if table is not None:
        (folder / "labels.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    result = retrain(service, folder)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert said in result.stderr.splitlines()[-1]
    assert list(service.data_dir.glob("blobs/datasets/*")) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to learn from: name a folder or a labels.csv, or give --corrections"),
        (["nowhere"], "nowhere does not exist"),
        (["nowhere.csv", "--stems"], "nowhere.csv does not exist"),
    ],
)
def test_without_images_nothing_is_asked_of_anybody(arguments: list[str], said: str) -> None:
    result = RUNNER.invoke(app, ["retrain", *arguments])
    assert (result.exit_code, result.stderr) == (2, f"error: {said}\n")


def test_a_file_is_no_folder_of_stems(service: RunningService, folder: Path) -> None:
    result = retrain(service, folder / "labels.csv", "--stems")
    assert (result.exit_code, "is not a folder" in result.stderr) == (2, True)


def test_a_key_comes_from_option_or_environment(
    serve_http: ServeOver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_http(admin_keys={"ops": KEY}) as service:
        refused = retrain(service, folder, "--no-follow")
        assert refused.exit_code == 2
        assert refused.stderr.splitlines()[-1].startswith("error: unauthorised: an admin key is needed")
        assert "GLYPHSERVE_KEY" in refused.stderr
        assert retrain(service, folder, "--no-follow", "--key", KEY).exit_code == 0
        monkeypatch.setenv("GLYPHSERVE_KEY", KEY)
        assert retrain(service, folder, "--no-follow").exit_code == 0


def test_a_service_that_is_away_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = RUNNER.invoke(app, ["retrain", str(folder), "--url", f"http://127.0.0.1:{port}"])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        f"error: nothing answers at http://127.0.0.1:{port}: start it with `glyphserve up`, or name --url"
    )


def test_what_is_no_service_is_one_line(folder: Path) -> None:
    result = RUNNER.invoke(app, ["retrain", str(folder), "--url", "no url"])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("error: ")


def test_the_service_of_this_folder_is_found(
    service: RunningService, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ClusterPaths.of(tmp_path / "cluster")
    paths.data_dir.mkdir()
    state = ClusterState(
        run_id="r",
        supervisor_pid=1,
        host="127.0.0.1",
        port=port_of(service),
        ports=choose_ports(),
        token_path=paths.token,
        temp_dir=paths.temp_dir,
    )
    state.save(paths.state)
    monkeypatch.setenv("GLYPHSERVE_DATA_DIR", str(paths.data_dir))

    result = RUNNER.invoke(app, ["retrain", str(folder), "--no-follow"])

    assert result.exit_code == 0, result.stderr
    assert len(learnt_from(service)) == 2


@pytest.mark.slow
def test_a_service_that_restarts_is_waited_for(serve_http: ServeOver, folder: Path) -> None:
    results: list[Result] = []
    with serve_http() as first:
        watching = threading.Thread(target=lambda: results.append(retrain(first, folder)))
        watching.start()
        with opened_records(first) as database:
            begun = begin_first_job(database)
    assert watching.is_alive()
    with serve_http(port=port_of(first)) as second, opened_records(second) as database:
        end_job(database, begun, RetrainState.PROMOTED)
        watching.join(30)
    assert [result.exit_code for result in results] == [0], results
    assert results[0].stdout.startswith("promoted as retrain-1")


def test_ctrl_c_ends_the_watching_and_says_that_the_job_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupted:
        def follow(self, retrain_id: str) -> Iterator[Any]:
            raise KeyboardInterrupt(retrain_id)

    job = {"id": "0123", "events": "/v1/retrains/0123/events", "queue_position": 0}
    with pytest.raises(typer.Exit) as caught:
        outcome.watch(Interrupted(), job, as_json=False)  # type: ignore[arg-type]
    assert caught.value.exit_code == 130
    assert "the job goes on: `glyphserve jobs watch 0123`" in capsys.readouterr().err
