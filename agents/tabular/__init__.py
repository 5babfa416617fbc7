"""Tabular learners."""

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.double_q_learning import DoubleQLearning
from rlkit.agents.tabular.expected_sarsa import ExpectedSARSA
from rlkit.agents.tabular.learner import OnlineReturn, TabularLearner
from rlkit.agents.tabular.monte_carlo import MonteCarlo, MonteCarloConfig
from rlkit.agents.tabular.n_step_sarsa import NStepSARSA, NStepSARSAConfig
from rlkit.agents.tabular.q_learning import QLearning
from rlkit.agents.tabular.sarsa import SARSA
from rlkit.agents.tabular.sarsa_lambda import SARSALambda, SARSALambdaConfig

__all__ = [
    "SARSA",
    "DoubleQLearning",
    "ExpectedSARSA",
    "MonteCarlo",
    "MonteCarloConfig",
    "NStepSARSA",
    "NStepSARSAConfig",
    "OnlineReturn",
    "QLearning",
    "SARSALambda",
    "SARSALambdaConfig",
    "TabularConfig",
    "TabularLearner",
]
