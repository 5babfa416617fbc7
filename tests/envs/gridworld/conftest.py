"""What the tests of pictures share."""

from tests.envs.view.conftest import written

__all__ = ["written"]
