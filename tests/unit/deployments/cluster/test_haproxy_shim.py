import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from ray.serve._private.haproxy_templates import HAPROXY_CONFIG_TEMPLATE as TEMPLATE

from deployments.cluster.haproxy_shim import close_config, latest_known, take_over
from deployments.cluster.node import write_proxy_program
from deployments.cluster.ports import choose_ports
from tests.support.waiting import wait_for

AS_RAY_WRITES_IT = """global
    stats socket /tmp/x/s mode 666 level admin expose-fd listeners
frontend prometheus
    bind :9101
    mode http
frontend http_frontend
    bind 127.0.0.1:8000
    acl routes path -i /-/routes
listen stats
  bind *:8404
  stats enable
"""


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("127.0.0.1", "bind 127.0.0.1:8000"),
        ("0.0.0.0", "bind 0.0.0.0:8000"),
        ("::", "bind :::8000"),
        ("192.0.2.5", "bind 127.0.0.1:8000,192.0.2.5:8000"),
    ],
)
def test_only_the_service_is_open(host: str, service: str) -> None:
    closed = close_config(AS_RAY_WRITES_IT, listen_host=host)
    binds = [line.strip() for line in closed.splitlines() if line.strip().startswith("bind")]
    assert binds == ["bind 127.0.0.1:9101", service, "bind 127.0.0.1:8404"]
    assert "s mode 600 level admin" in closed
    assert close_config(closed, listen_host=host) == closed


def test_only_reading_is_asked_twice() -> None:
    closed = close_config(AS_RAY_WRITES_IT, listen_host="127.0.0.1")
    frontend = closed[closed.index("frontend http_frontend") : closed.index("listen stats")]
    assert "disable-l7-retry unless METH_GET or { path /captcha_recap_image /captcha_image }\n" in frontend


def test_nobody_may_take_an_hour_for_the_headers() -> None:
    text = "defaults\n    timeout client 3600s\n    timeout connect 5s\n"
    closed = close_config(text, listen_host="127.0.0.1")
    assert closed == "defaults\n    timeout client 3600s\n    timeout http-request 30s\n    timeout connect 5s\n"
    assert close_config(closed, listen_host="127.0.0.1") == closed


def test_a_configuration_without_application_gives_way_to_the_last_one_with(tmp_path: Path) -> None:
    known = "frontend http_frontend\n    use_backend ours if x\n"
    assert latest_known("empty", tmp_path / "known.cfg") == "empty"
    assert latest_known(known, tmp_path / "known.cfg") == known
    assert latest_known("empty", tmp_path / "known.cfg") == known


def test_ray_writes_what_the_shim_looks_for() -> None:
    """The shim changes nothing else, so a changed template must be noticed."""
    assert "    bind :{{ config.metrics_port }}\n" in TEMPLATE
    assert "  bind *:{{ config.stats_port }}\n" in TEMPLATE
    assert "    errorfile 503 {{ config.error_file_path }}\n" in TEMPLATE
    assert "    use_backend {{ backend.name or 'unknown' }} if" in TEMPLATE
    assert "timeout client {{ config.timeout_client_s }}s{% endif %}\n" in TEMPLATE
    assert "stats socket {{ config.socket_path }} mode 666 " in TEMPLATE
    assert "frontend http_frontend\n    bind {{ config.frontend_host }}:{{ config.frontend_port }}\n" in TEMPLATE


def test_the_program_becomes_haproxy_and_haproxy_takes_the_config(tmp_path: Path) -> None:
    config, program = tmp_path / "haproxy.cfg", tmp_path / "haproxy"
    lines = AS_RAY_WRITES_IT.replace("/tmp/x/s", str(tmp_path / "s"))
    config.write_text(f"{lines}defaults\n    mode http\n", encoding="utf-8")
    write_proxy_program(program, listen_host="127.0.0.1", requests_at_once=7)
    assert stat.S_IMODE(program.stat().st_mode) == 0o700
    checked = subprocess.run([program, "-c", "-V", "-f", config], capture_output=True, text=True, check=False)
    assert "Configuration file is valid" in checked.stdout + checked.stderr
    assert "*:8404" not in config.read_text(encoding="utf-8")


def test_the_shim_runs_on_the_standard_library_alone(tmp_path: Path) -> None:
    config = tmp_path / "c"
    config.write_text("listen stats\n  bind *:1\n", encoding="utf-8")
    shim = Path(sys.modules[close_config.__module__].__file__ or "")
    command = [sys.executable, "-I", "-S", str(shim), "/bin/echo", "127.0.0.1", "7", "-db", "-f", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.defpath})
    assert done.stdout == f"-db -f {config}\n"
    assert config.read_text(encoding="utf-8") == "listen stats\n  bind 127.0.0.1:1\n"


_SERVING = """global
    stats socket {folder}/s mode 666 level admin expose-fd listeners
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend http_frontend
    bind 127.0.0.1:{port}
    http-request return status 200
"""


def test_one_that_outlived_its_manager_hands_the_port_to_its_successor(tmp_path: Path) -> None:
    port = choose_ports().haproxy_stats
    config, program = tmp_path / "haproxy.cfg", tmp_path / "haproxy"
    config.write_text(_SERVING.format(folder=tmp_path, port=port), encoding="utf-8")
    write_proxy_program(program, listen_host="127.0.0.1", requests_at_once=7)
    command: list[str | Path] = [program, "-db", "-f", config]
    with subprocess.Popen(command) as first:
        wait_for(lambda: answers(port), timeout_s=20)
        assert os.getpgid(first.pid) == first.pid, "Ray would end it with its manager"
        with subprocess.Popen(command) as second:
            assert first.wait(timeout=20) == 0
            assert answers(port)
            assert second.poll() is None
            second.terminate()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    except httpx.TransportError:
        return False


def test_only_haproxy_itself_is_taken_over_and_only_where_the_manager_says_nothing(tmp_path: Path) -> None:
    pid_file, text = tmp_path / "haproxy.pid", "    stats socket /tmp/x/s mode 600 level admin\n"
    me = str(Path(sys.executable).resolve())

    def arguments(*given: str, program: str) -> list[str]:
        return take_over(list(given), text=text, pid_file=pid_file, program=program)

    assert arguments("-db", program=me) == ["-db"], "nobody was there before"
    assert arguments("-db", program=me) == ["-db", "-sf", str(os.getpid()), "-x", "/tmp/x/s"]
    assert arguments("-db", program="/bin/true") == ["-db"], "the id is somebody else's now"
    assert arguments("-db", "-sf", "1", program=me) == ["-db", "-sf", "1"]
    assert take_over(["-db"], text="", pid_file=pid_file, program=me) == ["-db"]
