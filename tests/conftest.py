"""The whole suite on all cores; what is named runs in this process, where -s and --pdb work.

No example that hypothesis finds has to be fast: machines differ.
"""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

MOST = 4
"""Processes at most: each holds PyTorch and compiles kernels of its own."""

settings.register_profile("any machine", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("any machine")


def _offer(package: str) -> None:
    """Make a folder of the checkout importable, and no other: `rlkit` is what is installed."""
    folder = Path(__file__).parents[1] / package
    spec = spec_from_file_location(
        package, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no package {folder}")
    sys.modules[package] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[package])


_offer("studies")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return over how many processes `-n auto` spreads the tests; 0 is this one.

    Studies measure times, which others would disturb.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    studies = config.option.markexpr != "not study"
    return 0 if studies or not whole else min(os.cpu_count() or 1, MOST)
