import json
import logging
from dataclasses import replace

import pytest

from deployments.errors import RolloutError, StorageError, TrainingNotStartedError
from deployments.logs import request_id
from deployments.records import ModelRecords, RetrainState
from deployments.retrainer.jobs import JobState
from tests.unit.deployments.retrainer.conftest import ScriptedJobs, World


def test_an_empty_queue_is_nothing_to_do(world: World) -> None:
    assert world.runner.step() is False


def test_a_better_candidate_goes_from_the_queue_to_the_replicas(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.tell(retrain, {"kind": "dataset", "used": 1}, {"kind": "epoch", "epoch": 1, "loss": 0.5})
    world.runner.step()
    assert world.row(retrain).progress == {
        "started_at": world.now.isoformat(), "imported": 2, "phase": "epoch", "used": 1, "epoch": 1, "loss": 0.5,
    }  # fmt: skip
    world.tell(retrain, {"kind": "dataset"}, {"kind": "epoch"}, {"kind": "evaluating"})
    world.until(retrain, RetrainState.EVALUATING)
    world.finish(retrain, p_value=0.001)
    row = world.until(retrain, RetrainState.PROMOTED)
    assert row.reason == "Reads 90 % instead of 10 %. Served by 2 replicas."
    assert row.verdict is not None
    assert row.verdict["p_value"] == 0.001
    assert world.library.pointer().version == row.candidate
    model = world.library.row(row.candidate or "")
    assert (model.parent, model.retrain_id, model.key) == ("base-1", retrain, f"retrains/{retrain}/candidate")
    assert world.states(retrain) == ["queued", "running", "evaluating", "rolling out", "promoted"]
    assert world.kinds(retrain).count("epoch") == 1  # told twice by the job, taken over once


def test_the_job_is_told_what_to_learn_from(world: World) -> None:
    retrain = world.queue(debug=True)
    world.until(retrain, RetrainState.RUNNING)
    request = json.loads(world.library.blobs.get(f"retrains/{retrain}/request.json"))
    assert request["retrain_id"] == retrain
    assert request["request_id"] == "order-1"
    assert request["debug"] is True
    assert request["parent"]["version"] == "base-1"
    assert request["train_s"] == world.settings.train_s
    assert "poll_s" not in request
    assert world.jobs.folders == {f"retrain-{retrain}-1": f"{world.blobs_uri}/retrains/{retrain}"}


def test_what_is_logged_of_a_retrain_bears_the_id_of_its_request(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def note(_: logging.LogRecord) -> bool:
        seen.append(request_id.get())
        return True

    caplog.handler.addFilter(note)
    with caplog.at_level("INFO", "deployments.retrainer"):
        retrain = world.queue()
        world.until(retrain, RetrainState.RUNNING)
        world.end(retrain, JobState.FAILED)
        world.until(retrain, RetrainState.FAILED)
    assert seen
    assert set(seen) == {"order-1"}
    assert request_id.get() == ""


def test_the_job_is_told_what_the_serving_model_has_learnt_the_latest_first(world: World) -> None:
    def datasets(retrain: str) -> list[str]:
        request = json.loads(world.library.blobs.get(f"retrains/{retrain}/request.json"))
        return [request["dataset"], *(earlier["dataset"] for earlier in request["remembered"])]

    promoted = []
    for outcome in ("promote", "reject", "promote"):
        retrain = world.queue()
        world.until(retrain, RetrainState.RUNNING)
        world.finish(retrain, outcome=outcome)
        world.until(retrain, RetrainState.PROMOTED if outcome == "promote" else RetrainState.REJECTED)
        if outcome == "promote":
            promoted.append(retrain)
    first, second = promoted
    assert datasets(second)[1:] == datasets(first)[:1]
    third = world.queue()
    world.until(third, RetrainState.RUNNING)
    assert datasets(third)[1:] == [datasets(second)[0], datasets(first)[0]]


def test_one_at_a_time_in_order(world: World) -> None:
    first, second = world.queue(), world.queue()
    for _ in range(3):
        world.runner.step()
    assert (world.row(first).state, world.row(second).state) == (RetrainState.RUNNING, RetrainState.QUEUED)
    world.finish(first, outcome="reject")
    world.until(first, RetrainState.REJECTED)
    world.until(second, RetrainState.RUNNING)


def test_while_training_is_off_retrains_wait_and_those_under_way_go_on(world: World) -> None:
    first, second = world.queue(), world.queue()
    world.until(first, RetrainState.RUNNING)
    world.settings = world.settings.model_copy(update={"enabled": False})
    world.runner = world.new_runner()
    world.finish(first, outcome="reject")
    world.until(first, RetrainState.REJECTED)
    assert world.runner.step() is False
    assert world.row(second).state is RetrainState.QUEUED


def test_a_rejected_candidate_is_not_served(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.finish(retrain, outcome="reject")
    row = world.until(retrain, RetrainState.REJECTED)
    assert row.reason == "Reads 90 % instead of 10 %."
    assert world.library.pointer().version == "base-1"


def test_a_debug_run_is_never_rolled_out_whatever_its_verdict(world: World) -> None:
    retrain = world.queue(debug=True)
    world.until(retrain, RetrainState.RUNNING)
    world.finish(retrain, outcome="promote")
    world.until(retrain, RetrainState.REJECTED)
    assert world.library.pointer().version == "base-1"


def test_a_failed_job_says_why(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.jobs.words = "TrainingError: the loss is not finite"
    world.end(retrain, JobState.FAILED)
    row = world.until(retrain, RetrainState.FAILED)
    assert row.reason == "training failed: TrainingError: the loss is not finite"


@pytest.mark.parametrize("verdict", [None, b"{", b'{"format": 2}', b'{"format": 1, "outcome": "maybe", "reason": ""}'])
def test_a_job_without_a_proper_verdict_has_failed(world: World, verdict: bytes | None) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    if verdict is not None:
        world.library.blobs.put(f"retrains/{retrain}/verdict.json", verdict)
    world.end(retrain, JobState.SUCCEEDED)
    assert "verdict" in world.until(retrain, RetrainState.FAILED).reason


def test_past_its_deadline_a_job_is_stopped_and_the_next_has_its_turn(world: World) -> None:
    first, second = world.queue(), world.queue()
    world.until(first, RetrainState.RUNNING)
    world.tell(first, {"kind": "waiting"})
    world.runner.step()
    world.pass_time(601)
    row = world.until(first, RetrainState.FAILED)
    assert row.reason == "not done within 600 s (it waited for free CPUs)"
    world.runner.step()
    assert world.jobs.states[f"retrain-{first}-1"] is JobState.STOPPED
    world.until(second, RetrainState.RUNNING)


def test_a_cancelled_job_is_stopped(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.cancel(retrain)
    world.runner.step()
    assert world.jobs.states[f"retrain-{retrain}-1"] is JobState.STOPPED
    assert world.row(retrain).state is RetrainState.CANCELLED


def test_a_new_runner_goes_on_with_a_running_job(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.runner = world.new_runner()
    world.finish(retrain)
    world.until(retrain, RetrainState.PROMOTED)
    assert list(world.jobs.states) == [f"retrain-{retrain}-1"]


def test_while_nobody_can_start_it_a_retrain_waits_and_says_why(world: World) -> None:
    retrain = world.queue()
    world.jobs.away = True
    for _ in range(world.settings.attempts + 1):
        with pytest.raises(TrainingNotStartedError):
            world.runner.step()
    row = world.row(retrain)
    assert (row.state, row.reason, row.attempts) == (RetrainState.QUEUED, "away", 0)
    world.jobs.away = False
    row = world.until(retrain, RetrainState.RUNNING)
    assert (row.reason, row.attempts) == ("", 1)
    assert world.states(retrain) == ["queued", "queued", "running"]  # told once that it cannot start


def test_a_runner_that_died_after_submitting_is_made_up_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    retrain = world.queue()

    def killed(job_id: str, folder: str) -> None:
        ScriptedJobs.submit(world.jobs, job_id, folder)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(world.jobs, "submit", killed)
        with pytest.raises(KeyboardInterrupt):
            world.runner.step()
    assert world.row(retrain).state is RetrainState.QUEUED
    world.runner = world.new_runner()
    world.until(retrain, RetrainState.RUNNING)
    assert list(world.jobs.states.values()) == [JobState.RUNNING]


def test_cancelled_while_it_was_being_submitted_it_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    retrain = world.queue()

    def submit(job_id: str, folder: str) -> None:
        ScriptedJobs.submit(world.jobs, job_id, folder)
        world.cancel(retrain)

    with monkeypatch.context() as patch:
        patch.setattr(world.jobs, "submit", submit)
        world.runner.step()
    world.runner.step()
    assert world.row(retrain).state is RetrainState.CANCELLED
    assert list(world.jobs.states.values()) == [JobState.STOPPED]


def test_jobs_lost_with_their_cluster_start_again_but_not_for_ever(world: World) -> None:
    retrain = world.queue()
    for _ in range(world.settings.attempts):
        world.runner.step()
        world.jobs.states.clear()  # a new cluster, which knows nothing
    row = world.until(retrain, RetrainState.FAILED)
    assert row.reason == "its processes were lost 3 times"


def test_a_job_started_again_tells_its_events_anew(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.tell(retrain, {"kind": "dataset"}, {"kind": "epoch", "epoch": 1}, {"kind": "epoch", "epoch": 2})
    world.runner.step()
    world.tell(retrain, {"kind": "epoch", "epoch": 3})
    world.runner.step()
    assert (world.row(retrain).progress or {})["epoch"] == 3


def test_if_another_model_is_served_meanwhile_the_comparison_no_longer_counts(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    other = world.queue()
    promote_by_hand(world, other)
    world.finish(retrain)
    row = world.until(retrain, RetrainState.REJECTED)
    assert "is served by now" in row.reason


def promote_by_hand(world: World, retrain: str) -> None:
    with world.library.database.writing() as connection:
        ModelRecords(connection).insert(replace(world.library.row("base-1"), version="other-1", retrain_id=retrain))
    world.rollout.to("other-1", reason="by hand")


def test_a_rollout_that_fails_fails_the_retrain_and_changes_nothing(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.finish(retrain)
    world.rollout.script = [RolloutError("1 of 1 replicas cannot load it: altered")]
    row = world.until(retrain, RetrainState.FAILED)
    assert row.reason == "1 of 1 replicas cannot load it: altered"
    assert world.library.pointer().version == "base-1"


def test_a_runner_killed_after_the_pointer_moved_is_finished_by_the_next(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.finish(retrain)
    row = world.until(retrain, RetrainState.ROLLING_OUT)
    moved = world.rollout.to(row.candidate or "", reason="and then it was killed")
    world.runner = world.new_runner()
    world.until(retrain, RetrainState.PROMOTED)
    assert world.rollout.converged == [moved.generation]
    assert world.library.pointer().generation == moved.generation


def test_storage_that_is_away_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    retrain = world.queue()

    def away(key: str, data: bytes) -> None:
        raise StorageError(f"{key} {len(data)}")

    with monkeypatch.context() as patch:
        patch.setattr(world.library.blobs, "put", away)
        with pytest.raises(StorageError):
            world.runner.step()
    assert world.row(retrain).state is RetrainState.QUEUED
    world.until(retrain, RetrainState.RUNNING)


def test_a_defect_on_one_retrain_does_not_hold_up_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.queue(), world.queue()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.jobs, "submit", broken)
        world.runner.step()
    assert world.row(first).state is RetrainState.FAILED
    assert "ZeroDivision" not in world.row(first).reason
    world.until(second, RetrainState.RUNNING)


def test_tidying_stops_jobs_that_nobody_waits_for(world: World) -> None:
    retrain = world.queue()
    world.until(retrain, RetrainState.RUNNING)
    world.jobs.states["retrain-" + "0" * 32 + "-1"] = JobState.RUNNING
    world.new_runner().tidy()
    assert world.jobs.states[f"retrain-{retrain}-1"] is JobState.RUNNING
    world.cancel(retrain)
    world.new_runner().tidy()
    assert set(world.jobs.states.values()) == {JobState.STOPPED}
