"""docs/settings.md, made from the settings models: `python -m deployments.settings.reference`."""

import json
import sys
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from deployments.settings.service import ENV_NESTING, ENV_PREFIX, ServiceSettings

_INTRODUCTION = """# Settings

Every setting stands under `applications[0].args` of `cluster.yaml`; the environment variable of the same row wins over
it. Nested groups are joined by two underscores; lists and maps are JSON. An unknown key or variable, or a value out of
range, stops the start with an error that names it.

*Made by `python -m deployments.settings.reference`; a test keeps it true.*
"""
_BOUNDS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"), ("min_length", "length ≥"), ("max_length", "length ≤"))


def render() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_tables(ServiceSettings, "", "Service"), ""])


def _tables(model: type[BaseModel], prefix: str, title: str) -> Iterator[str]:
    groups = []
    yield f"\n## {title}\n\n{(model.__doc__ or '').splitlines()[0]}\n"
    yield "| cluster.yaml | environment variable | default | range | meaning |\n|---|---|---|---|---|"
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            groups.append((field.annotation, f"{path}.", path))
            continue
        variable = ENV_PREFIX + path.replace(".", ENV_NESTING).upper()
        yield f"| `{path}` | `{variable}` | {_default(field)} | {_range(field)} | {_cell(field.description or '')} |"
    for nested, nested_prefix, nested_title in groups:
        yield from _tables(nested, nested_prefix, nested_title)


def _default(field: FieldInfo) -> str:
    value = to_jsonable_python(field.get_default(call_default_factory=True))
    return "" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _range(field: FieldInfo) -> str:
    parts = [
        f"{sign} {getattr(bound, name)}"
        for bound in field.metadata
        for name, sign in _BOUNDS
        if getattr(bound, name, None) is not None
    ]
    return ", ".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(render())
