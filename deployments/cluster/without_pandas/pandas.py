"""Stands before pandas on the path of our cluster's processes, and turns Ray Serve away.

Serve imports pandas, and with it pyarrow, in every controller, proxy and replica: 66 MiB and half
a second of CPU each, for nothing but an encoder of data frames in HTTP answers, which it does
without if the import fails. Everybody else gets the real pandas.
"""

import importlib
import sys
from pathlib import Path

_TURNED_AWAY = "ray.serve._private.utils"


def _importer() -> str:
    """The name of the module whose import statement runs this one."""
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to see who imports
    while frame.f_back is not None and frame.f_globals["__name__"] in {__name__, "importlib._bootstrap"}:
        frame = frame.f_back
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals["__name__"])


if _importer() == _TURNED_AWAY:
    raise ImportError("left out of Serve's own processes", name=__name__)

_HERE = str(Path(__file__).parent)
sys.path[:] = [entry for entry in sys.path if entry != _HERE]
del sys.modules[__name__]
sys.modules[__name__] = importlib.import_module(__name__)
