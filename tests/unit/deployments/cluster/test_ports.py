import os
import socket

import pytest

from deployments.cluster.ports import REPLICA_PORTS, NodePorts, choose_ports, holder_of, is_free


def test_ports_are_free_and_all_different() -> None:
    ports = choose_ports()
    single = [getattr(ports, name) for name in NodePorts.model_fields if name != "first_replica"]
    block = range(ports.first_replica, ports.first_replica + REPLICA_PORTS)
    assert len({*single, *block}) == len(single) + REPLICA_PORTS
    assert all(is_free("127.0.0.1", port) for port in single)
    # Where another process may be given one of them before it is bound.
    assert max(*single, *block) < 32_768


def test_a_block_with_a_listener_in_it_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.cluster.ports._RANGE", range(20_000, 20_240))
    with socket.create_server(("127.0.0.1", 20_239)):
        assert {choose_ports().first_replica for _ in range(8)} == {20_000}


@pytest.mark.parametrize("listening_at", ["127.0.0.1", "0.0.0.0"])
def test_the_holder_of_a_port_is_named(listening_at: str) -> None:
    with socket.create_server((listening_at, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        found = holder_of(port)
        assert found is not None
        assert found.pid == os.getpid()
        assert str(found) == f"process {os.getpid()} ({found.name})"
    assert is_free("127.0.0.1", port)
    assert holder_of(port) is None


def test_a_port_whose_connections_still_close_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first is left in TIME_WAIT
    client.close()
    assert is_free("127.0.0.1", port)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError, match=r"[Cc]annot assign"):
        is_free("192.0.2.77", 8000)
