"""The examples, run as their first lines say, and the Python of docs/client.md, against a real service."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.captcha_server import CaptchaServer
from tests.support.cluster import REPOSITORY, RunningCluster

IMAGE = "docs/images/captcha-98369.png"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )


def run_python(service: RunningCluster, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, *arguments, "--url", service.base_url)


def test_files_are_read_from_python(service: RunningCluster) -> None:
    done = run_python(service, "examples/read.py", IMAGE)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"{IMAGE}: 98369 \(\d+% sure, base-[\w-]+\)\n", done.stdout)


def test_files_are_read_with_curl(service: RunningCluster) -> None:
    done = run("sh", "examples/read.sh", service.base_url, IMAGE, IMAGE)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["content"]["list_label"] for answer in answers] == [["98369"], ["98369"]]
    done = run("sh", "examples/read.sh", service.base_url, "README.md")
    assert done.returncode != 0
    assert "not an image" in done.stdout


def test_a_folder_becomes_a_table(service: RunningCluster, tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / IMAGE, tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    (tmp_path / "notes.txt").write_text("left out")
    done = run_python(service, "examples/batch_folder.py", str(tmp_path))
    assert done.returncode == 1, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["file"], row["text"]) for row in rows] == [("a.png", "98369"), ("b.png", "")]
    assert "not an image" in rows[1]["error"]


def test_an_audit_tells_what_leaks(service: RunningCluster) -> None:
    done = run_python(service, "examples/audit.py", "--images", "12")
    assert done.returncode == 0, done.stderr
    broken, sure, fair, most, best = done.stdout.splitlines()
    assert re.fullmatch(r"\d+% of 12 images were read exactly", broken)
    assert sure.startswith("at 90% confidence or more: ")
    assert fair.startswith("at 50% confidence or more: ")
    assert most.startswith("leak most: ")
    assert best.startswith("hold best: ")


def test_the_python_of_the_clients_page_runs(service: RunningCluster) -> None:
    blocks = PYTHON.findall((REPOSITORY / "docs" / "client.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    with CaptchaServer() as captchas:
        program = "\n".join(blocks)
        program = program.replace("http://127.0.0.1:8000", service.base_url)
        program = program.replace("https://captcha.example/new.png", captchas.url())
        done = run(sys.executable, "-W", "error", "-c", program)
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"# -> (.*)", program)
    assert len(shown) >= 4
    assert done.stdout.splitlines() == shown
