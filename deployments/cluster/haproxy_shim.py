"""Started by Ray in HAProxy's place: closes what Ray leaves open, then becomes HAProxy.

Ray 2.60 binds HAProxy's statistics and metrics pages to all interfaces and makes its admin
socket writable by everyone, and offers no setting for either. Run as a script, with the
standard library alone, each time Ray (re)starts HAProxy:

    haproxy_shim.py REAL_HAPROXY LISTEN_HOST -db -f CONFIG ...
"""

import os
import re
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"
_OPEN_BIND = re.compile(r"^(\s*bind )\*?(:\d+)", re.MULTILINE)
_FRONTEND = re.compile(r"^(frontend http_frontend\n\s*bind )\S+:(\d+)", re.MULTILINE)
_SOCKET_MODE = re.compile(r"^(\s*stats socket \S+ mode )\d+", re.MULTILINE)


def close_config(text: str, *, listen_host: str) -> str:
    """HAProxy's configuration with every page on loopback but the service itself.

    Replicas listen where Serve is told the service listens. To keep theirs on loopback even
    if the service is open, Serve is told loopback and the true host is put in here.

    Args:
        text: the configuration as Ray wrote it; running over it twice changes nothing more.
        listen_host: the address that the service listens on.
    """
    text = _OPEN_BIND.sub(rf"\g<1>{LOOPBACK}\g<2>", text)
    text = _SOCKET_MODE.sub(r"\g<1>600", text)
    hosts = [listen_host] if listen_host in {LOOPBACK, "0.0.0.0", "::"} else [LOOPBACK, listen_host]  # noqa: S104
    return _FRONTEND.sub(lambda m: m[1] + ",".join(f"{host}:{m[2]}" for host in hosts), text)


def main(arguments: list[str]) -> None:
    """Rewrite the file named after ``-f`` and replace this process by the real HAProxy."""
    program, listen_host, *rest = arguments
    config = Path(rest[rest.index("-f") + 1])
    closed = config.with_name(f"{config.name}.{os.getpid()}")
    closed.write_text(close_config(config.read_text(encoding="utf-8"), listen_host=listen_host), encoding="utf-8")
    closed.replace(config)
    os.execv(program, [program, *rest])  # noqa: S606 - the point of this program


if __name__ == "__main__":
    main(sys.argv[1:])
