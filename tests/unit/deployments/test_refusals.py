from deployments.refusals import WINDOW_S, Pages, Refusals, refused_by, refused_in

PAGE = """# TYPE haproxy_backend_http_responses_total counter
haproxy_backend_http_responses_total{proxy="glyphserve_refused",code="2xx"} 0
haproxy_backend_http_responses_total{proxy="glyphserve_refused",code="4xx"} 41
haproxy_backend_http_responses_total{proxy="http-glyphserve",code="4xx"} 7
"""


class Scene:
    """Pages whose counts are set by hand, and a clock."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.counts: dict[str, int] = {}

    async def look(self) -> dict[str, int]:
        return dict(self.counts)

    def clock(self) -> float:
        return self.now_s


def test_only_what_haproxy_refused_itself_is_read() -> None:
    assert refused_in(PAGE) == 41
    assert refused_in("# a HAProxy that refuses nothing\n") is None


def test_where_nobody_answers_nothing_is_told() -> None:
    assert refused_by(["http://127.0.0.1:1/metrics"]) is None


async def test_pages_that_do_not_answer_are_left_out() -> None:
    assert await Pages(["http://127.0.0.1:1/metrics"])() == {}


async def test_without_pages_nothing_is_told() -> None:
    assert await Refusals(None).last_minute() is None


async def test_what_the_pages_grew_by_in_the_last_minute() -> None:
    scene = Scene()
    refusals = Refusals(scene.look, clock=scene.clock)
    assert await refusals.last_minute() is None, "no page answers"
    scene.counts = {"one": 100, "standby": 50}
    assert await refusals.last_minute() == 0, "what was before the first look is of no known time"
    scene.now_s += 10
    scene.counts = {"one": 105, "standby": 51}
    assert await refusals.last_minute() == 6
    scene.now_s += 10
    scene.counts = {"one": 2, "standby": 51}
    assert await refusals.last_minute() == 8, "a HAProxy that began anew counts from zero"
    scene.now_s += WINDOW_S - 5
    assert await refusals.last_minute() == 2, "the first look's are older than a minute"
    scene.now_s += WINDOW_S + 1
    scene.counts = {"one": 900, "standby": 900}
    assert await refusals.last_minute() == 0, "nobody looked for a minute"
