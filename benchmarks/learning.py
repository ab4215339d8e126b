"""A retrain under traffic: what clients notice while the service learns, as a table and a plot.

    python -m benchmarks.learning --url http://127.0.0.1:8000 --images FOLDER --first 832 --rate 30 --out FOLDER

FOLDER holds images and a labels.csv (file, label). The first so many are posted for learning, the rest are read at
``--rate`` requests a second all the time, and once more at the end to see how many are read exactly. With
``--quiet-s`` seconds of traffic before the post, the figures of training and of no training stand side by side.
"""

import argparse
import base64
import ipaddress
import json
import statistics
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.traffic import Sample, Traffic
from ocr_model.labelled import read_labels

_ENDED = {"promoted", "rejected", "failed", "cancelled"}
_LIMIT_S = 1800


def labelled(folder: Path) -> list[tuple[str, str]]:
    """Base64 and label of every image that the folder's labels.csv names, in the order of the file names."""
    files = sorted(read_labels(folder), key=lambda image: image.path.name)
    return [(base64.b64encode(image.path.read_bytes()).decode(), image.label) for image in files]


def exact(client: httpx.Client, images: list[tuple[str, str]]) -> float:
    """Percent of the images that the service reads exactly."""
    right = 0
    for image, label in images:
        answer = client.post("/captcha_recap_image", json={"image_base64": image}).raise_for_status()
        right += answer.json()["content"]["list_label"] == [label]
    return 100 * right / len(images)


def follow(client: httpx.Client, path: str) -> dict[str, Any]:
    """Wait for a retrain's end; what the service says of it then."""
    deadline_s = time.monotonic() + _LIMIT_S
    while (job := client.get(path).json())["state"] not in _ENDED:
        if time.monotonic() > deadline_s:
            raise SystemExit(f"{path} has not ended within {_LIMIT_S} s")
        time.sleep(1)
    return dict(job)


def events_of(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Everything that happened to a retrain, in order."""
    events: list[dict[str, Any]] = []
    kind = ""
    with client.stream("GET", f"{path}/events") as answer:
        for line in answer.iter_lines():
            name, _, value = line.partition(":")
            if name == "event":
                kind = value.strip()
            elif name == "data":
                events.append({"kind": kind, **json.loads(value)})
    return events


def figures(samples: list[Sample], rate: float) -> dict[str, float]:
    """Throughput against what was sent, latency percentiles and failures of one span."""
    took = sorted(sample.took_s * 1000 for sample in samples if sample.outcome == "200")
    if len(took) < 2:
        return {"requests": len(samples), "failed": len(samples) - len(took)}
    span_s = max(s.sent_s for s in samples) - min(s.sent_s for s in samples)
    cuts = statistics.quantiles(took, n=100)
    return {
        "requests": len(samples),
        "failed": len(samples) - len(took),
        "answered_of_sent": round(len(took) / max(1.0, span_s) / rate, 3),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
    }


def plot(path: Path, samples: list[Sample], events: list[dict[str, Any]]) -> None:
    """Requests a second and latency over time, with the states of the retrain marked."""
    import matplotlib as mpl  # noqa: PLC0415 - the figures do without it

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    start = min(sample.sent_s for sample in samples)
    seconds = range(int(max(sample.sent_s for sample in samples) - start))
    by_second: dict[int, list[Sample]] = {second: [] for second in seconds}
    for sample in samples:
        by_second.setdefault(int(sample.sent_s - start), []).append(sample)
    good = [[s.took_s * 1000 for s in by_second[second] if s.outcome == "200"] for second in seconds]
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(10, 5.5), sharex=True)
    upper.plot(seconds, [len(took) for took in good], color="#2a6", label="answered with 200")
    upper.plot(
        seconds, [len(by_second[second]) - len(good[second]) for second in seconds], color="#c22", label="failed"
    )
    upper.set_ylabel("requests/s")
    upper.legend(loc="lower left")
    lower.plot(seconds, [statistics.median(took) if took else 0 for took in good], color="#26a", label="median")
    lower.plot(seconds, [max(took, default=0) for took in good], color="#9bd", label="slowest", zorder=0)
    lower.set_ylabel("ms")
    lower.set_xlabel("seconds")
    lower.set_yscale("log")
    lower.legend(loc="upper left")
    for event in events:
        if event.get("kind") == "state":
            at = datetime.fromisoformat(event["at"]).timestamp() - start
            for axis in (upper, lower):
                axis.axvline(at, color="#888", linewidth=0.8, linestyle=":")
            upper.annotate(str(event["state"]), (at, upper.get_ylim()[1]), rotation=30, fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Read the arguments, load a service on this machine while it learns, print and save what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--test", type=int, default=208)
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--quiet-s", type=float, default=30)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    host = urlsplit(arguments.url).hostname or ""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        parser.error("the load goes to this machine only")
    images = labelled(arguments.images)
    posted, test = images[: arguments.first], images[-arguments.test :]
    bodies = [json.dumps({"image_base64": image}).encode() for image, _ in test]
    with httpx.Client(base_url=arguments.url, timeout=60) as client:
        before = exact(client, test)
        with Traffic(arguments.url, arguments.rate, bodies) as traffic:
            time.sleep(arguments.quiet_s)
            body = {"list_images_base64": [i for i, _ in posted], "list_label": [label for _, label in posted]}
            posted_s = time.time()
            answer = client.post("/captcha_retrain_model", json=body).raise_for_status()
            job = follow(client, answer.headers["Location"])
            ended_s = time.time()
            time.sleep(10)
        events = events_of(client, answer.headers["Location"])
        after = exact(client, test)
    report = {
        "posted": len(posted),
        "seconds": round(ended_s - posted_s, 1),
        "state": job["state"],
        "reason": job["reason"],
        "exact_before": round(before, 2),
        "exact_after": round(after, 2),
        "without_training": figures([s for s in traffic.samples if s.sent_s < posted_s], arguments.rate),
        "while_training": figures([s for s in traffic.samples if posted_s <= s.sent_s < ended_s], arguments.rate),
        "versions": sorted(traffic.versions),
        "states": [{"at": e["at"], "state": e["state"]} for e in events if e.get("kind") == "state"],
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "learning.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    plot(arguments.out / "learning-timeline.png", traffic.samples, events)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
