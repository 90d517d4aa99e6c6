"""The same partitions across machines, by Ray (the extra ``shebao[ray]``).

Every machine must see the input and output folders under the same path and have the same shebao installed.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shebao.batch.partitions import RETRIES, Job, PartitionReport, compute_partition
from shebao.engine import BookError, LawError

if TYPE_CHECKING:
    from shebao.batch.partitions import Results, _Counter


def run_ray(jobs: list[Job], threads: int, counter: _Counter) -> Results:
    """One task per partition on the cluster at ``RAY_ADDRESS``, else on ``threads`` workers here.

    A task whose worker died, or whose disk failed, is submitted again alone.
    """
    with _cluster(threads) as ray:
        task = ray.remote(max_retries=0)(compute_partition)
        left = dict.fromkeys(range(len(jobs)), RETRIES)
        running = {task.remote(job): index for index, job in enumerate(jobs)}
        while running:
            (ready,), _ = ray.wait(list(running), num_returns=1)
            index = running.pop(ready)
            result = _result(ray, ready)
            if isinstance(result, Exception) and not isinstance(result, LawError) and left[index]:
                left[index] -= 1
                running[task.remote(jobs[index])] = index
                continue
            if isinstance(result, PartitionReport):
                counter.tell(jobs[index].src, result.report.rows)
            yield index, result


def _result(ray: Any, ready: Any) -> PartitionReport | Exception:
    try:
        done: PartitionReport = ray.get(ready)
    except ray.exceptions.RayTaskError as error:  # the partition's own exception, with the worker's traceback
        return error.cause if isinstance(error.cause, Exception) else error
    except ray.exceptions.RayError as error:
        return error
    return done


@contextlib.contextmanager
def _cluster(threads: int) -> Iterator[Any]:
    try:
        import ray
    except ImportError:
        raise BookError("Ray is not installed: pip install 'shebao[ray]'") from None
    if ray.is_initialized():
        yield ray
        return
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # Ray would warn that this default will change
    here: dict[str, Any] = {"num_cpus": threads, "include_dashboard": False}
    where = {} if os.environ.get("RAY_ADDRESS") else here
    ray.init(log_to_driver=False, logging_level=logging.ERROR, configure_logging=False, **where)
    try:
        yield ray
    finally:
        ray.shutdown()
