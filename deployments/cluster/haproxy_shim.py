"""Started by Ray in HAProxy's place: puts right what Ray's configuration leaves open, then becomes HAProxy.

Ray 2.60 binds HAProxy's statistics and metrics pages to all interfaces and makes its admin
socket writable by everyone, and offers no setting for either. It lets HAProxy retry every request or
none, where only some may be done twice; lets any number of requests through, though refusing one in Python takes
the time of one that could be served; answers in plain text when no replica can; begins,
after its manager died, with a configuration that knows of no application; and ends HAProxy with its manager, though
nobody could connect until both are back. Run as a script, with the
standard library alone, each time Ray (re)starts HAProxy:

    haproxy_shim.py REAL_HAPROXY LISTEN_HOST REQUESTS_AT_ONCE -db -f CONFIG ...
"""

import contextlib
import json
import os
import re
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"
_OPEN_BIND = re.compile(r"^(\s*bind )\*?(:\d+)", re.MULTILINE)
_FRONTEND = re.compile(r"^(frontend http_frontend\n\s*bind )\S+:(\d+)", re.MULTILINE)
_ERROR_FILE = re.compile(r"^\s*errorfile 50\d (\S+)", re.MULTILINE)
_APPLICATION = re.compile(r"^\s*use_backend ", re.MULTILINE)
_BACKEND = re.compile(r"^    use_backend (\S+) if ", re.MULTILINE)
_READING = "{ path /captcha_recap_image /captcha_image }"
_ONCE = "    http-request disable-l7-retry unless METH_GET or " + _READING + "\n"
"""Reading may be done twice: a replica that dies before it answers has at worst stored what nobody asks for."""

REFUSED = "glyphserve_refused"
"""The backend to which HAProxy sends what it refuses, so that its statistics count just that."""

_CLIENT_ID = "{ req.hdr(X-Request-Id) -m reg ^[A-Za-z0-9._:/+=-]{1,128}$ }"
"""The ids that the ingress takes from clients too."""


def _body(message: str, error: str) -> str:
    """The shape of all our failures."""
    content: dict[str, list[str]] = {"list_id": [], "list_label": [], "list_path": []}
    return json.dumps({"message": message, "error": error, "content": content}, separators=(",", ":"))


_ANSWER = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\n" + _body("not ready", "no replica can answer")
)
"""What HAProxy says when no replica does."""

_CLIENT = re.compile(r"^    timeout client \S+\n(?!    timeout http-request)", re.MULTILINE)
_HEADERS_S = 30
"""Whoever takes longer to send a request's headers is cut off: Ray would wait for an hour, with 4,096 places in all."""

_COMMANDS = re.compile(r"^\s*stats socket (\S+) ", re.MULTILINE)
_FRONTEND_BIND = re.compile(r"^frontend http_frontend\n.*\n", re.MULTILINE)
_SOCKET_MODE = re.compile(r"^(\s*stats socket \S+ mode )\d+", re.MULTILINE)


def refuse_beyond(text: str, *, requests: int) -> str:
    """HAProxy's configuration by which requests to read are told 429 once so many are under way for each replica.

    Args:
        text: the configuration; running over it twice changes nothing more.
        requests: how many, times the ingress replicas that are up.
    """
    if REFUSED in text or _BACKEND.search(text) is None:
        return text
    return _BACKEND.sub(lambda m: _room(m[1], requests) + m[0], text) + _refusals()


def _room(backend: str, requests: int) -> str:
    room = "txn.room_" + re.sub(r"\W", "_", backend)
    return (
        f"    http-request set-var({room}) nbsrv({backend}),mul({requests})\n"
        f"    use_backend {REFUSED} if {_READING} {{ nbsrv({backend}) ge 1 }}"
        f" {{ be_conn({backend}),sub({room}) ge 0 }}\n"
    )


def _refusals() -> str:
    body = _body("too busy", "too many requests to read are under way")
    rules = (
        "set-var(txn.id) uuid()",
        f"set-var(txn.id) req.hdr(X-Request-Id) if {_CLIENT_ID}",
        "return status 429 content-type application/json hdr Retry-After 1 hdr Cache-Control no-store"
        f" hdr X-Content-Type-Options nosniff hdr X-Request-Id %[var(txn.id)] string '{body}'",
    )
    return f"backend {REFUSED}\n" + "".join(f"    http-request {rule}\n" for rule in rules)


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
    text = _FRONTEND.sub(lambda m: m[1] + ",".join(f"{host}:{m[2]}" for host in hosts), text)
    text = _CLIENT.sub(lambda m: f"{m[0]}    timeout http-request {_HEADERS_S}s\n", text)
    return text if _ONCE in text else _FRONTEND_BIND.sub(lambda m: m[0] + _ONCE, text)


def knows_an_application(text: str) -> bool:
    """Whether a configuration sends anything anywhere."""
    return _APPLICATION.search(text) is not None


def latest_known(text: str, remembered: Path) -> str:
    """The configuration, or the one before it if this one knows of no application: Serve tells of it in a moment."""
    if knows_an_application(text):
        remembered.write_text(text, encoding="utf-8")
    elif remembered.exists():
        return remembered.read_text(encoding="utf-8")
    return text


def outlive_the_manager() -> None:
    """Leave the process group that Ray ends when the process that started this one dies."""
    with contextlib.suppress(OSError):  # leads a group already
        os.setsid()


def take_over(arguments: list[str], *, text: str, pid_file: Path, program: str) -> list[str]:
    """HAProxy's arguments with the order to take over from one that outlived its manager; notes who comes now.

    Where the manager itself replaces one, it says so in the arguments.

    Args:
        arguments: as the manager gave them.
        text: the configuration, which names the socket that both listen on for commands.
        pid_file: tells who was started last.
        program: HAProxy.
    """
    former = _living(pid_file, program)
    pid_file.write_text(str(os.getpid()), encoding="ascii")
    socket = _COMMANDS.search(text)
    if former is None or socket is None or "-sf" in arguments:
        return arguments
    # The listening sockets are handed over (-x), so that no connection is lost between the two.
    return [*arguments, "-sf", str(former), "-x", socket[1]]


def _living(pid_file: Path, program: str) -> int | None:
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        running = Path(f"/proc/{pid}/exe").readlink()
    except (OSError, ValueError):
        return None
    # Ids come round again: whoever else has it now is none of ours.
    return pid if running == Path(program).resolve() else None


def main(arguments: list[str]) -> None:
    """Rewrite the file named after ``-f`` and replace this process by the real HAProxy."""
    program, listen_host, requests, *rest = arguments
    config = Path(rest[rest.index("-f") + 1])
    closed = config.with_name(f"{config.name}.{os.getpid()}")
    text = config.read_text(encoding="utf-8")
    for error_file in set(_ERROR_FILE.findall(text)):
        Path(error_file).write_text(_ANSWER, encoding="ascii", newline="")
    text = refuse_beyond(close_config(text, listen_host=listen_host), requests=int(requests))
    text = latest_known(text, config.with_name("known.cfg"))
    closed.write_text(text, encoding="utf-8")
    closed.replace(config)
    # Ray forbids it to share the service's port, which it does with the standby (see standby_proxy.py).
    rest = [argument for argument in rest if argument != "-dR"]
    rest = take_over(rest, text=text, pid_file=config.with_name("haproxy.pid"), program=program)
    outlive_the_manager()
    os.execv(program, [program, *rest])  # noqa: S606 - the point of this program


if __name__ == "__main__":
    main(sys.argv[1:])
