import pytest

from deployments.cluster.readiness import failure, last_cause

TRACEBACK = """The deployment failed to start 3 times in a row. This may be due to a problem with its constructor.
\x1b[36mray::ServeReplica:glyphserve:Reader.initialize_and_get_metadata()\x1b[39m (pid=1, ip=127.0.0.1)
  File "replica.py", line 1, in initialize
RuntimeError: Traceback (most recent call last):
  File "toy.py", line 15, in __init__
    raise RuntimeError("the weights are missing")
RuntimeError: the weights are missing
"""


def details(app: str, message: str = "", **deployments: tuple[str, str]) -> dict[str, object]:
    found = {name: {"status": status, "message": text} for name, (status, text) in deployments.items()}
    return {"applications": {"glyphserve": {"status": app, "message": message, "deployments": found}}}


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ({"applications": {}}, None),
        (details("DEPLOYING", Reader=("UPDATING", "")), None),
        (details("RUNNING", Reader=("HEALTHY", "")), None),
        (details("DEPLOY_FAILED", Reader=("DEPLOY_FAILED", TRACEBACK)), "RuntimeError: the weights are missing"),
        (
            details("DEPLOY_FAILED", "Deploying app 'glyphserve' failed with exception:\nConfigError: no such font\n"),
            "ConfigError: no such font",
        ),
        (details("DEPLOY_FAILED"), "DEPLOY_FAILED"),
    ],
)
def test_a_failure_is_its_cause_in_one_line(found: dict[str, object], cause: str | None) -> None:
    assert failure(found, "glyphserve") == cause


def test_lines_that_say_where_are_passed_over() -> None:
    assert last_cause('ValueError: bad\n  File "x.py", line 1\n    ^^^^\n\n') == "ValueError: bad"
