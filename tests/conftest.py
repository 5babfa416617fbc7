"""The whole suite on all cores; what is named runs in this process, where -s and --pdb work.

No example that hypothesis finds has to be fast: machines differ.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

MOST = 4
"""Processes at most: each holds PyTorch and compiles kernels of its own."""

settings.register_profile("any machine", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return over how many processes `-n auto` spreads the tests; 0 is this one.

    Studies measure times, which others would disturb.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    studies = config.option.markexpr != "not study"
    return 0 if studies or not whole else min(os.cpu_count() or 1, MOST)
