from train.ray_entry import scaling
from train.settings import PretrainSettings


def test_a_worker_reserves_its_threads_and_a_gpu_if_it_trains_on_one() -> None:
    on_cpu = scaling(PretrainSettings(workers=2, threads=3))
    assert (on_cpu.num_workers, on_cpu.use_gpu, on_cpu.resources_per_worker) == (2, False, {"CPU": 3})
    on_gpu = scaling(PretrainSettings(workers=4, device="cuda"))
    assert (on_gpu.num_workers, on_gpu.use_gpu) == (4, True)
