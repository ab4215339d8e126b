"""`serve deploy cluster.yaml` on a plain Ray cluster: no `glyphserve up`, no HAProxy."""

import base64
import time
from pathlib import Path

import httpx
import pytest
import yaml

from deployments.cluster.ports import holder_of
from tests.support.captcha_server import draw_captcha, drawn_text
from tests.support.cluster import CONFIG, free_port
from tests.support.plain_cluster import plain_cluster

READY_S = 120

pytestmark = pytest.mark.timeout(400)


def elsewhere(folder: Path, port: int) -> Path:
    """Our cluster.yaml on another port and data folder, unchanged otherwise."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["http_options"]["port"] = port
    (application,) = config["applications"]
    application["args"].update(port=port, data_dir=str(folder / "data"))
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def wait_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if client.get("/healthz/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("not ready")


def test_the_application_reads_behind_serves_own_proxy(tmp_path: Path) -> None:
    port = free_port()
    with plain_cluster() as cluster, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        cluster.serve("deploy", str(elsewhere(tmp_path, port)))
        wait_ready(client)
        assert "haproxy" not in str(holder_of(port))
        image = draw_captcha(1)
        answer = client.post("/captcha_recap_image", json={"image_base64": base64.b64encode(image).decode()})
        assert answer.status_code == 200
        content = answer.json()["content"]
        assert [len(label) for label in content["list_label"]] == [len(drawn_text(1))]
        assert client.get(content["list_path"][0]).content == image
