"""A run's state on disk: tensors as safetensors, the rest as JSON, never pickle.

A folder ``step-00001234`` appears whole, by a rename; the newest one is where a run resumes.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from train.errors import TrainingError

_TENSORS = "state.safetensors"
_REST = "state.json"
_KEPT = 2


@dataclass(frozen=True)
class Position:
    """Where a run stands.

    Attributes:
        step: optimiser steps done.
        progress: of the schedule, 0 to 1.
        images: images trained on, repeats counted.
        elapsed_s: seconds spent training, over all interruptions.
        metrics: of the last validation.
    """

    step: int = 0
    progress: float = 0.0
    images: int = 0
    elapsed_s: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)


def save_state(
    folder: Path,
    *,
    position: Position,
    network: nn.Module,
    average: nn.Module,
    optimiser: torch.optim.Optimizer,
) -> Path:
    """Write a state, keep the newest two, and return the new folder."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.state_dict().items()}
    state = optimiser.state_dict()
    for index, values in state["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in values.items()}
    rest = {"position": asdict(position), "groups": state["param_groups"]}

    final = folder / f"step-{position.step:08d}"
    temporary = folder / f".{final.name}.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, temporary / _TENSORS)
    (temporary / _REST).write_text(json.dumps(rest, indent=1), encoding="utf-8")
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    for old in _states(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return final


def newest_state(folder: Path) -> Path | None:
    """Find the folder of the last whole state, if there is one."""
    states = _states(folder)
    return states[-1] if states else None


def load_state(folder: Path, *, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> Position:
    """Fill network, average and optimiser from a state's folder and say where the run stood.

    Raises:
        TrainingError: the state is damaged or belongs to a network of other sizes.
    """
    try:
        tensors = load_file(folder / _TENSORS)
        rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
        network.load_state_dict(_under("network.", tensors))
        average.load_state_dict(_under("average.", tensors))
        moments: dict[int, dict[str, Any]] = {}
        for name, tensor in _under("optimiser.", tensors).items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = tensor
        optimiser.load_state_dict({"state": moments, "param_groups": rest["groups"]})
        _match_layout(optimiser)
        return Position(**rest["position"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as e:
        raise TrainingError(
            f"The state {folder.name} cannot be resumed: it is damaged or of another network. "
            "Remove it, or start in another folder."
        ) from e


def _match_layout(optimiser: torch.optim.Optimizer) -> None:
    """Lay moments out in memory as their weights are: the fused optimiser walks both side by side."""
    for weight, values in optimiser.state.items():
        for name, value in values.items():
            if value.shape == weight.shape:
                values[name] = torch.empty_like(weight).copy_(value)


def _states(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("step-*") if (path / _REST).exists())


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def read_average(folder: Path) -> dict[str, Tensor]:
    """Read a state's averaged weights alone."""
    return _under("average.", load_file(folder / _TENSORS))


def read_position(folder: Path) -> Position:
    """Read where a state's run stood."""
    return Position(**json.loads((folder / _REST).read_text(encoding="utf-8"))["position"])
