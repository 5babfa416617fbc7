"""The policy of a network: for `predict`, and as a policy object."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from rlkit.agents.checking import MASK
from rlkit.agents.deep.arithmetic.choice import make_scorer
from rlkit.agents.deep.arithmetic.scoring import Scorer, TorchScorer
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.networks import ScoringNetwork
from rlkit.arrays import Array, Bools

if TYPE_CHECKING:
    from rlkit.categorical import Categorical
    from rlkit.policy import TabularPolicy


class NetworkPolicy:
    """Scores and chooses actions of a network with the weights it has at that moment.

    As a policy object it is greedy: the best legal action, the first of equally good ones.

    Args:
        network: The network.
        encoding: Of the observations.
        device: Where the network is.
    """

    def __init__(
        self,
        network: ScoringNetwork,
        encoding: Encoding,
        device: torch.device,
    ) -> None:
        self.encoding = encoding
        self._few: Scorer = make_scorer(network, device, 1)
        self._many: Scorer = TorchScorer(network, device)

    def scores(self, observation: Any, state: Any, opens: Any) -> tuple[Array, Any]:
        """Return the scores `(N, A)` of one observation or a batch, and the next state."""
        encoding = self.encoding
        batched = encoding.batched(observation)
        stored = encoding.store(observation) if batched else encoding.store_one(observation)
        rows = len(stored)
        scorer = self._few if rows == 1 else self._many
        if state is None:
            state, opens = scorer.initial_state(rows), np.ones(rows, np.bool_)
        elif opens is None:
            opens = np.zeros(rows, np.bool_)
        flags: Bools = np.asarray(opens, np.bool_).reshape(rows)
        return scorer(encoding.encode(stored), state, flags)

    def choose(
        self,
        observation: Any,
        state: Any,
        opens: Any,
        masks: Array | None,
        key: int | None,
        counter: int,
    ) -> tuple[Array, Any]:
        """Return actions `(N,)` and the next state; without a key the best, else drawn ones."""
        scores, after = self.scores(observation, state, opens)
        if masks is None and isinstance(observation, dict):
            masks = observation.get(MASK)
        legal: Bools = np.ones(scores.shape, np.bool_)
        if masks is not None:
            from rlkit.policy import checked_masks

            legal = checked_masks(masks, scores.shape)
        if key is None:
            return np.where(legal, scores, -np.inf).argmax(axis=1), after
        from rlkit.agents.deep.arithmetic.kernels import draw_actions

        drawn, _ = draw_actions(scores, legal.astype(np.int8), np.uint64(key), np.uint64(counter))
        return drawn, after

    def distribution(
        self, observation: Any, state: Any = None, mask: Array | None = None
    ) -> "tuple[Categorical[int], Any]":
        """Return the certain choice, and the state that the next call takes."""
        from rlkit.categorical import certain

        actions, after = self.choose(observation, state, None, mask, None, 0)
        return certain(int(actions[0])), after

    def table(self, observations: Any, legal: Bools) -> "TabularPolicy | None":
        """Return the choice in every state of a model, or None for a network with memory.

        Args:
            observations: Of the states, a batch of S.
            legal: `(S, A)`; where nothing is, the episode is over and any action will do.
        """
        from rlkit.policy import TabularPolicy

        legal = legal | ~legal.any(axis=1, keepdims=True)
        actions, after = self.choose(observations, None, None, legal, None, 0)
        return None if len(after) else TabularPolicy(actions, legal.shape[1])
