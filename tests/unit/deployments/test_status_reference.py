from pathlib import Path

from deployments.status import Status
from deployments.status_reference import REMEDIES, render

PAGE = Path(__file__).parents[3] / "docs" / "messages.md"


def test_the_documented_messages_are_the_real_ones() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_message_has_a_remedy() -> None:
    assert set(REMEDIES) == set(Status) - {Status.SUCCESS}
