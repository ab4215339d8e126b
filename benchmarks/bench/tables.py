"""The figures as tables, each beside its target."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from benchmarks.bench.autoscaling import Autoscaling
from benchmarks.bench.many_images import ManyImages
from benchmarks.bench.overload import Overload
from benchmarks.bench.reading import Summary


def show_reading(console: Console, summaries: Mapping[str, Summary], ceiling_per_s: float) -> None:
    """Contenders against ours: with 32 connections, with one, at half load."""
    table = Table("", "32: /s", "p50/p99 ms", "of ours", "one: p50 ms", "half: p50/p99 ms", "errors")
    ours = summaries.get("glyphserve")
    for name, told in summaries.items():
        table.add_row(
            name,
            f"{told.crowd_per_s:.0f}",
            f"{told.crowd_p50_ms:.0f}/{told.crowd_p99_ms:.0f}",
            f"{told.crowd_per_s / ours.crowd_per_s:.2f}" if ours else "",
            f"{told.alone_p50_ms:.1f}",
            f"{told.half_p50_ms:.1f}/{told.half_p99_ms:.1f}",
            str(told.errors),
        )
    console.print(table)
    if ours is None:
        return
    for name, target in (("twin", 1.1), ("ddddocr", 3.0), ("rapidocr", 3.0)):
        if name in summaries:
            show_ratio(console, f"32 connections, times {name}", ours.crowd_per_s / summaries[name].crowd_per_s, target)
    if ceiling_per_s:
        show_ratio(console, "32 connections, of the ceiling", ours.crowd_per_s / ceiling_per_s, 0.7)
    if "twin" in summaries:
        show_ratio(
            console, "one connection, p50 in the twin's", ours.alone_p50_ms / summaries["twin"].alone_p50_ms, -1.5
        )
    show_ratio(console, "half load, p99 in p50s", ours.half_p99_ms / ours.half_p50_ms, -3)


def show_many_images(console: Console, told: ManyImages, ceiling_per_s: float) -> None:
    """Requests of many images."""
    console.print(
        f"captcha_image, 32 images a request: {told.images_per_s:.0f} images/s, {told.errors} errors; "
        f"largest process {told.largest_mib:.0f} MiB, grown by {told.grown_mib:.0f}"
    )
    if ceiling_per_s:
        show_ratio(console, "captcha_image, of the ceiling", told.images_per_s / ceiling_per_s, 0.85)


def show_overload(console: Console, told: Overload) -> None:
    """Three times the peak."""
    console.print(
        f"three times the peak: {told.over.per_s:.0f} of {told.peak_per_s:.0f}/s answered, "
        f"{told.over.refused:.0%} refused within {told.over.refused_p99_ms:.0f} ms (p99), "
        f"other errors {told.over.errors}, recovered in {told.recovered_s} s"
    )
    show_ratio(console, "overload, of the peak", told.over.per_s / told.peak_per_s, 0.9)


def show_autoscaling(console: Console, told: Autoscaling) -> None:
    """A load that begins at once."""
    console.print(
        f"{told.rate:.0f} requests/s at once: {told.replicas} replicas read after {told.up_s} s, one was left "
        f"{told.down_s} s after the end; {told.answered} answered, failed {told.failed or 'none'}"
    )
    show_ratio(console, "seconds until all replicas read", told.up_s, -10)


def show_ratio(console: Console, what: str, value: float, target: float) -> None:
    """One ratio and whether it is where it should be; a negative target is an upper bound."""
    met = value >= target if target > 0 else value <= -target
    bound = "at least" if target > 0 else "at most"
    console.print(f"  {what}: {value:.2f} ({bound} {abs(target):g}) {'' if met else '[red]missed[/red]'}")
