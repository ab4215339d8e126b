import pickle
from http import HTTPStatus

import pytest

from deployments import errors
from deployments.status import Status, http_code


@pytest.mark.parametrize("status", list(Status))
def test_every_message_has_a_code_of_the_contract(status: Status) -> None:
    assert http_code(status) in {200, 400, 401, 403, 404, 405, 413, 429, 500, 503}


def test_what_the_request_caused_is_400_and_never_422() -> None:
    assert http_code(Status.NOT_AN_IMAGE) == HTTPStatus.BAD_REQUEST
    assert HTTPStatus.UNPROCESSABLE_ENTITY not in {http_code(status) for status in Status}


@pytest.mark.parametrize(
    "error",
    [
        errors.RequestError(Status.BAD_LABEL, "list_label[3] is empty", 4),
        errors.UrlNotAllowedError("no"),
        errors.LinkUnreachableError("gone"),
        errors.StorageError("full", 2),
        errors.TooBusyError("later", 1),
        errors.NotReadyError("soon"),
        errors.ConfigError("bad"),
        errors.LifecycleError("worse"),
        errors.InputError("empty"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_the_way_between_processes(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert back.args == error.args
    assert vars(back) == vars(error)
    assert str(back) == str(error)
