"""Train an agent."""

from dataclasses import asdict, dataclass, field, replace
from math import inf, isnan
from pathlib import Path
from typing import Annotated, Any

import tyro

from rlkit.agents.presets import NONE, TUNED, Preset, find
from rlkit.agents.saving import describe_env
from rlkit.catalogue import NAMES
from rlkit.names import unknown
from rlkit.scripts.arguments import Whole
from rlkit.scripts.common import (
    INTERRUPTED,
    OK,
    UserError,
    check_one_run,
    command,
    full_id,
    import_first,
    make,
    print_json,
    values,
)
from rlkit.scripts.presets import told
from rlkit.scripts.runs.folder import Run
from rlkit.scripts.runs.training import EarlyStop, RunResult, run_training

WORDS = (None, TUNED, NONE)
"""What `--preset` may say beside a name; none of them names an agent."""


@dataclass
class Train:
    """Train an agent in an environment; writes a run folder that can be resumed and watched."""

    environment: tyro.conf.Positional[str | None] = None
    """Its id, for example rlkit/CabinTabular-v0."""
    agent: str | None = None
    """Its name; see `rlkit list`."""
    preset: str | None = None
    """Settings to begin with: by default those tuned for the agent in this environment, where there
    are some; "none" begins with the agent's defaults. `rlkit list --presets` names them all."""
    steps: Whole = 0
    """Steps to learn for at most; with --resume, further steps."""
    goal: float = inf
    """Stop early once the greedy policy is worth so much; it is measured 20 times.

    Where that is sampled, by validation episodes and not by those that are reported.
    """
    patience: Whole | None = None
    """Stop early after so many measurements in a row without a better one."""
    episodes: Whole | None = None
    """Stop early after so many finished episodes, for agents with networks."""
    seed: Whole = 0
    """Of environment and agent."""
    seeds: Whole | None = None
    """Train so many seeds, from --seed on, into OUT/seed-K."""
    jobs: Whole = 1
    """Seeds to train at the same time."""
    out: Path | None = None
    """The run folder; runs/ENVIRONMENT-AGENT-SEED by default."""
    resume: Path | None = None
    """Go on with this run."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    module: str | None = None
    """A module to import first, which registers environments of your own."""
    set: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Hyper-parameters of the agent; they win over the preset's."""
    trust: bool = False
    """Go on with a run of Stable-Baselines3, whose file can run code when it is opened."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> int:
        """Train, or go on."""
        self._check()
        if not self.json:
            self._tell()
        if self.seeds is None:
            finished = [self.run_seed(shown=not self.json)]
        else:
            from rlkit.scripts.runs.seeds import run_seeds

            finished = run_seeds(self._singles(self.seeds), self.jobs, shown=not self.json)
        self._report(finished)
        return OK if all(result.complete for result in finished) else INTERRUPTED

    def run_seed(self, *, shown: bool) -> RunResult:
        """Train one seed, with a progress bar where it is to be shown."""
        stop = EarlyStop(self.goal, self.patience, self.episodes)
        return run_training(self.begin, self.steps, stop, shown=shown)

    def begin(self) -> tuple[Run, Any]:
        """Make a new run and its agent, or open the one to go on with."""
        import_first(self.module)
        return self._start() if self.resume is None else self._reopen()

    def _check(self) -> None:
        if self.steps < 1:
            raise UserError(f"give --steps N, at least 1, for how long to learn; got {self.steps}")
        if isnan(self.goal):
            raise UserError("--goal must be a number, got nan")
        if self.patience is not None and self.patience < 1:
            raise UserError(f"--patience must be at least 1, got {self.patience}")
        if self.episodes is not None and self.episodes < 1:
            raise UserError(f"--episodes must be at least 1, got {self.episodes}")
        if self.jobs < 1 or (self.seeds is not None and self.seeds < 1):
            raise UserError("--seeds and --jobs must be at least 1")
        if self.resume is not None:
            self._check_resume()
        elif self.environment is None or (self.agent is None and self.preset in WORDS):
            raise UserError("give an environment and --agent NAME, or --resume DIR")
        elif self.agent is not None and self.agent not in NAMES:
            raise UserError(unknown("agent", self.agent, NAMES))

    def _check_resume(self) -> None:
        given: dict[str, Any] = {
            "the environment": self.environment,
            "--agent": self.agent,
            "--preset": self.preset,
            "--out": self.out,
            "--seeds": self.seeds,
            "--env": self.env,
            "--set": self.set,
        }
        fixed = [name for name, value in given.items() if value]
        if fixed:
            raise UserError(f"--resume goes on as the run began; leave out {', '.join(fixed)}")

    def _tell(self) -> None:
        """Say which preset is used, if one is."""
        preset = self._preset()
        if preset is not None:
            print(told(preset, values(self.env)))

    def _preset(self) -> Preset | None:
        """Return the settings to begin with; None for the agent's defaults, and for a run."""
        if self.environment is None:
            return None
        import_first(self.module)
        return find(full_id(self.environment), self.agent, self.preset or TUNED)

    def _out(self) -> Path:
        # Windows allows no colon in names: neither of a module before an id nor of `sb3:`.
        name = (self.environment or "").rpartition(":")[2].rpartition("/")[2]
        asked = self.agent if self.preset in WORDS else self.preset
        agent = (asked or "").replace(":", "-")
        return self.out or Path("runs") / f"{name}-{agent}-{self.seed}"

    def _singles(self, seeds: int) -> list["Train"]:
        return [
            replace(self, seed=seed, seeds=None, out=self._out() / f"seed-{seed}")
            for seed in range(self.seed, self.seed + seeds)
        ]

    def _start(self) -> tuple[Run, Any]:
        from rlkit.agents.making import make as make_agent

        env = make(self.environment or "", self.env)
        preset = self._preset()
        name = self.agent or (preset.agent if preset is not None else "")
        given = values(self.set)
        settings = given if preset is None else preset.with_settings(given)
        agent = make_agent(name, env, seed=self.seed, **settings)
        config = {
            "environment": describe_env(env),
            "agent": name,
            "preset": None if preset is None else preset.name,
            "seed": self.seed,
            "steps": self.steps,
            "discount": agent.discount,
            "settings": asdict(agent.config),
        }
        return Run.create(self._out(), config), agent

    def _reopen(self) -> tuple[Run, Any]:
        import rlkit

        folder = self.resume or Path()
        check_one_run(folder)
        run, newest = Run.reopen(folder)
        agent = rlkit.load(newest, trust=self.trust)
        run.aim(agent.num_timesteps + self.steps)
        return run, agent

    def _report(self, finished: list[RunResult]) -> None:
        for result in finished:
            if not result.complete:
                left = result.target - result.step
                print(
                    f"interrupted at step {result.step:,}; a checkpoint is saved. Go on with\n"
                    f"  rlkit train --resume {result.folder} --steps {left}"
                )
            elif not self.json:
                shown = ", ".join(f"{name} {value:.4g}" for name, value in result.measured.items())
                print(f"run: {result.folder}\nstep {result.step:,}, {shown}")
                if result.stopped is not None:
                    print(f"stopped early: {result.stopped}")
        if self.json:
            rows = [
                {
                    "run": str(result.folder),
                    "preset": result.preset,
                    "step": result.step,
                    **result.measured,
                }
                | ({} if result.stopped is None else {"stopped": result.stopped})
                for result in finished
            ]
            print_json({"runs": rows} if self.seeds is not None else rows[0])


if __name__ == "__main__":
    raise SystemExit(command(Train))
