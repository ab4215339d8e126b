import os
import shlex
import subprocess
import sys
from pathlib import Path

CODE = """
import os
from pathlib import Path
from train.priority import give_way
give_way()
group = Path("/proc/self/autogroup")
# Empty for a session that was there before the kernel began to count them, as a container's first may be.
print(os.nice(0), *(group.read_text().split()[-1:] if group.exists() else ()))
"""
AUTOGROUP = Path("/proc/self/autogroup")


def run(*, own_session: bool) -> list[str]:
    # A shell in between: the tests themselves may lead a session.
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(
        command if own_session else ["sh", "-c", f"{shlex.join(command)}; exit $?"],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=own_session,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    return done.stdout.split()


def test_a_process_with_a_session_of_its_own_lowers_both() -> None:
    nice, *group = run(own_session=True)
    assert nice == "19"
    if group:  # Linux with autogroups
        assert group == ["19"]


def test_a_session_of_others_is_left_alone() -> None:
    nice, *group = run(own_session=False)
    assert nice == "19"
    assert group == (AUTOGROUP.read_text(encoding="ascii").split()[-1:] if AUTOGROUP.exists() else [])
