"""An independent simulation that knows the truth agrees with the exact values."""

import numpy as np

from rlkit import Stream, derive
from rlkit.envs.cabin.car.laws import DrivingLaws
from rlkit.envs.cabin.tabular.tables import (
    risk_profile,
    second_of_road,
    stationary_road,
    tables,
)
from tests.envs.cabin.tabular.support import CABIN, solved


class HiddenTruth:
    """An independent simulation that holds the truth: which class, and right or wrong per slot.

    The road moves second by second, errors and confidences are drawn forward, and nothing is
    shared with the model but the constants.
    """

    def __init__(self, stream: Stream) -> None:
        self.draw = stream.random
        self.table = tables(CABIN.config)
        self.policy = solved().policy.actions
        self.start = np.cumsum(stationary_road(CABIN.config))
        self.chain = np.cumsum(second_of_road(CABIN.config), axis=1)
        self.risks = {d: risk_profile(CABIN.config, d)[0] for d in (1.0, 1.2, 1.7, 2.3, 3.0)}

    def chance(self, prob: float) -> bool:
        """Return True with this probability."""
        return self.draw() < prob

    def episode(self) -> float:
        """Return the discounted return of one dialogue under the optimal policy."""
        self.road = int(np.searchsorted(self.start, self.draw()))
        self.window, self.loaded = int(self.chance(0.5)), 0
        self.patience = 1 + int(self.chance(0.5))
        self.status, self.right = [0, 0], [False, False]
        self.heard_guarded, self.truly_guarded = 0, self.chance(0.15)
        total, factor, over = 0.0, 1.0, False
        while not over:
            what, value = self.status
            code = max(2 * what - 1, 0) + self.heard_guarded
            place = np.ravel_multi_index(
                (code, value, self.window, self.road, self.loaded, self.patience),
                CABIN.states.shape,
            )
            reward, over = self.step(CABIN.actions[self.policy[place]])
            total, factor = total + factor * reward, factor * 0.99
        return total

    def step(self, act: str) -> tuple[float, bool]:  # noqa: C901, PLR0912 - one branch an act, as in the text
        """Play one act; return its reward and whether the dialogue is over."""
        road, loaded, level = self.road, self.loaded, self.table.level[self.road // 3, self.window]
        answers = self.table.answer[road, loaded]
        timing = {
            "request": (5 + loaded, 2.3),
            "confirm": (3 + loaded, 1.7),
            "quiet": (3, 1.2),
            "wait": (1, 1.0),
            "hand": (2, 1.2),
        }.get(act.split(maxsplit=1)[0], (4, 1.2))
        reward = self.pass_time(*timing, loaded)
        slot = int(act.endswith("value"))
        corrected = over = False
        if act.startswith("request"):
            if self.chance(answers):
                self.hear(slot, level)
                if self.status[1 - slot] == 0 and self.chance(0.45):
                    self.hear(1 - slot, level)
            elif self.chance(0.5):
                self.patience -= 1
        elif act.startswith("confirm"):
            if not self.chance(answers * (1 - 0.5 * self.table.error[level])):
                self.patience -= self.chance(0.5)
            elif self.right[slot]:
                self.status[slot] = 7
                self.patience -= self.chance(0.05)
            else:
                corrected = True
                self.patience -= self.chance(0.5)
                self.status[slot] = 0
                if slot == 0:
                    self.heard_guarded = 0
                if self.chance(0.8):
                    self.hear(slot, level)
        elif act == "execute":
            paid, over, corrected = self.execute(road, answers, level)
            reward += paid
        elif act == "refuse":
            guarded = self.heard_guarded if self.right[0] else self.chance(0.15)
            reward, over = reward + (10 if guarded and road >= 3 else -8), True
        elif act == "quiet":
            self.window, reward = 0, reward - 1
        elif act == "hand over":
            reward, over = reward + 4, True
        if corrected:
            reward += self.pass_time(3, 3.0, loaded)
        self.settle(timing[0] + 3 * corrected, 3.0 if corrected else timing[1], loaded)
        if not over and self.patience < 0:
            return reward - 5, True
        return reward, over

    def execute(self, road: int, answers: float, level: int) -> tuple[float, bool, bool]:
        """Carry out what was heard; return reward, whether it is over, and if it was corrected."""
        if self.heard_guarded and road >= 3:
            return -10.0, True, False
        if all(self.right):
            return 20.0, True, False
        if not self.chance(answers):
            return -13.0, True, False
        self.patience -= 1
        for slot in (0, 1):
            if self.right[slot]:
                self.status[slot] = 7
            else:
                self.hear(slot, level)
        return -8.0, False, True

    def hear(self, slot: int, level: int) -> None:
        """Hear a slot afresh: first the truth of it, then the confidence that it shows."""
        law, error = DrivingLaws(), self.table.error[level]
        self.right[slot] = not self.chance(error)
        mean = 0.955 - 0.30 * (error - 0.10) if self.right[slot] else 0.70 + 0.32 * (error - 0.10)
        # Box and Muller: a normal confidence from two uniforms.
        normal = np.sqrt(-2 * np.log(1 - self.draw())) * np.cos(2 * np.pi * self.draw())
        sure = mean + law.confidence_sd * normal >= law.sure_threshold
        self.status[slot] = 1 + 3 * int(sure) + level
        if slot == 0:
            self.heard_guarded = int(self.chance(0.15))

    def pass_time(self, seconds: int, demand: float, loaded: int) -> float:
        """Let the road move second by second; return what time and risk cost."""
        risk = 0.0
        for _ in range(seconds):
            risk += self.risks[demand][self.road, loaded]
            self.road = int(np.searchsorted(self.chain[self.road], self.draw()))
        return -0.2 * seconds - 2.5 * risk

    def settle(self, seconds: int, demand: float, loaded: int) -> None:
        """Let the load residue rise or decay."""
        added = min(max((demand - 1.2) / 3, 0), 1)
        kept = loaded and self.chance(np.exp(-seconds / 20))
        self.loaded = int(self.chance(added) or kept)


def test_a_simulation_that_holds_the_truth_agrees() -> None:
    """Mean return of 30,000 dialogues of the optimum, seed 7, within 4 standard errors."""
    simulation = HiddenTruth(Stream(derive(7)))
    returns = np.array([simulation.episode() for _ in range(30_000)])
    error = returns.std() / np.sqrt(len(returns))

    assert abs(returns.mean() - 8.510) < 4 * error
    assert error < 0.05
