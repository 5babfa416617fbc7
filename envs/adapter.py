"""Any finite MDP as a Gymnasium environment, single and vectorised, over the same outcomes.

Both forms draw from the same alias tables with the same counter-based stream, so trajectories
are bit-identical for the same (seed, index), in all three autoreset modes.
"""

from rlkit.envs.single import MDPEnv
from rlkit.envs.tabular import Tabular
from rlkit.envs.vector import MDPVectorEnv

__all__ = ["MDPEnv", "MDPVectorEnv", "Tabular"]
