from deployments.ingress.recently_seen import RecentlySeen


def test_each_name_counts_once_until_it_is_forgotten() -> None:
    now_s = 0.0
    seen = RecentlySeen(lambda: now_s)
    for name in ("a", "b", "a"):
        seen.saw(name)
    assert seen.count() == 2
    now_s = 29.0
    seen.saw("a")
    now_s = 31.0
    assert seen.count() == 1
