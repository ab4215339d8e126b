import subprocess
import sys


def test_a_process_that_draws_needs_no_torch() -> None:
    # A second and 180 MiB of each of them, at the start of every retrain.
    code = "import sys; import train.drawing, train.synth, train.curriculum; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
