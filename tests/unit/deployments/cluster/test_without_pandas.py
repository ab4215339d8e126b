import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.cluster import without_pandas

FOLDER = Path(without_pandas.__file__ or "").parent
SERVE_FIRST = "import ray.serve._private.utils as u; assert u.pd is None; assert 'pyarrow' not in sys.modules; "
USE = "import pandas.core.frame; import pandas as pd; print(len(pd.DataFrame({'a': [1, 2]})), pd.__file__)"


@pytest.mark.slow
@pytest.mark.parametrize("before", [SERVE_FIRST, ""])
def test_serve_does_without_and_everybody_else_gets_the_real_one(before: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {before}{USE}"],
        env={**os.environ, "PYTHONPATH": str(FOLDER)},
        capture_output=True,
        text=True,
        check=True,
    )
    length, file = done.stdout.split()
    assert length == "2"
    assert not Path(file).is_relative_to(FOLDER)
