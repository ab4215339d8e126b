import json
import stat
from pathlib import Path

import pytest

from deployments.cluster.ports import choose_ports
from deployments.cluster.state import ClusterState, new_token, service_url


def some_state(tmp_path: Path) -> ClusterState:
    return ClusterState(
        run_id="0000aaaa-1",
        supervisor_pid=1,
        session_id=2,
        session_leader_started_s=3.5,
        host="127.0.0.1",
        port=8000,
        ports=choose_ports(),
        token_path=tmp_path / "token",
        temp_dir=tmp_path,
    )


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    state = some_state(tmp_path)
    state.save(tmp_path / "cluster.json")
    assert ClusterState.load(tmp_path / "cluster.json") == state
    assert [p.name for p in tmp_path.iterdir()] == ["cluster.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}'])
def test_a_state_that_makes_no_sense_counts_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cluster.json"
    path.write_text(content, encoding="utf-8")
    assert ClusterState.load(path) is None


def test_the_state_of_another_release_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "cluster.json"
    some_state(tmp_path).save(path)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format": 2}), encoding="utf-8")
    assert ClusterState.load(path) is None
    assert ClusterState.load(tmp_path / "missing.json") is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("fd00::2", "http://[fd00::2]:8000"),
        ("ocr.example", "http://ocr.example:8000"),
    ],
)
def test_a_listening_address_as_a_url(host: str, url: str) -> None:
    assert service_url(host, 8000) == url


def test_each_token_is_new_and_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    first, second = new_token(path), new_token(path)
    assert first != second == path.read_text(encoding="ascii")
    assert len(second) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
