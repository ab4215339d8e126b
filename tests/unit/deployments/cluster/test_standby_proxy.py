from pathlib import Path

from deployments.cluster.haproxy_shim import close_config
from deployments.cluster.standby_proxy import standby_config
from tests.unit.deployments.cluster.test_haproxy_shim import AS_RAY_WRITES_IT


def test_the_standby_shares_the_service_s_port_and_has_a_page_of_its_own() -> None:
    text = standby_config(
        close_config(AS_RAY_WRITES_IT, listen_host="127.0.0.1"), socket=Path("/tmp/standby/s"), metrics_port=9102
    )
    binds = [line.strip() for line in text.splitlines() if "bind" in line]
    assert binds == ["bind 127.0.0.1:9102", "bind 127.0.0.1:8000"]
    assert "    stats socket /tmp/standby/s mode 600 level admin expose-fd listeners\n" in text
    assert "/tmp/x/s" not in text
    assert "stats enable" not in text
    assert "disable-l7-retry" in text
