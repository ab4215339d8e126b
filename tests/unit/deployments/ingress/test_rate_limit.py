import pytest

from deployments.errors import RequestError
from deployments.ingress.rate_limit import RateLimit
from tests.unit.deployments.ingress.conftest import Serve
from tests.unit.deployments.ingress.test_keyring import Clock

KEY, OTHER = "k" * 20, "o" * 20


def test_a_bucket_empties_and_fills_at_its_rate() -> None:
    clock = Clock()
    limit = RateLimit(per_s=0.5, burst=2, clock=clock)
    limit.take("a")
    limit.take("a")
    with pytest.raises(RequestError) as told:
        limit.take("a")
    assert told.value.retry_after_s == 2
    limit.take("b")
    clock.now += 2
    limit.take("a")
    with pytest.raises(RequestError):
        limit.take("a")
    clock.now += 1000
    limit.take("a")
    limit.take("a")
    with pytest.raises(RequestError):
        limit.take("a")


async def test_each_key_has_its_own_allowance(serve: Serve) -> None:
    doors = {"requests_per_s": 0.001, "burst_requests": 3}
    async with serve(admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}, doors=doors) as client:
        for key in (KEY, OTHER):
            answers = [await client.get("/v1/models", headers={"X-API-Key": key}) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert answers[3].json()["message"] == "too many requests"
            assert 900 <= int(answers[3].headers["Retry-After"]) <= 1000
        # Whoever tries keys shares one allowance with all others that do, and writing is no way around.
        guesses = [await client.get("/v1/models", headers={"X-API-Key": f"{n}" * 20}) for n in range(4)]
        assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]
        assert (await client.delete("/v1/retrains/0")).status_code == 429
        assert (await client.get("/healthz/live")).status_code == 200


async def test_there_is_no_limit_by_default(serve: Serve) -> None:
    async with serve() as client:
        assert {(await client.get("/v1/models")).status_code for _ in range(100)} == {200}
