"""Train an agent."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import tyro

from rlkit.agents.saving import describe_env
from rlkit.catalogue import AGENTS
from rlkit.names import unknown
from rlkit.scripts.common import (
    INTERRUPTED,
    UserError,
    interruptible,
    make,
    print_json,
    values,
)
from rlkit.scripts.runs import Run

LOG_POINTS = 20
LARGEST_EXACT = 20_000


@dataclass
class Train:
    """Train an agent in an environment; writes a run folder that can be resumed and watched."""

    environment: tyro.conf.Positional[str | None] = None
    """Its id, for example rlkit/CabinTabular-v0."""
    agent: str | None = None
    """Its name; see `rlkit list`."""
    steps: int = 0
    """Steps to learn for; with --resume, further steps."""
    seed: int = 0
    """Of environment and agent."""
    seeds: int | None = None
    """Train so many seeds, from --seed on, into OUT/seed-K."""
    jobs: int = 1
    """Seeds to train at the same time."""
    out: Path | None = None
    """The run folder; runs/ENVIRONMENT-AGENT-SEED by default."""
    resume: Path | None = None
    """Go on with this run."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    set: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Hyper-parameters of the agent."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> int:
        """Train, or go on."""
        if self.steps < 1:
            raise UserError(f"--steps must be at least 1, got {self.steps}")
        if self.resume is not None:
            return self._resume(self.resume)
        if self.environment is None or self.agent is None:
            raise UserError("give an environment and --agent NAME, or --resume DIR")
        if self.agent not in AGENTS:
            raise UserError(unknown("agent", self.agent, AGENTS))
        out = self.out or Path("runs") / "-".join(
            [self.environment.rpartition("/")[2], self.agent, str(self.seed)]
        )
        if self.seeds is None:
            return self._start(out)
        return self._many(out, self.seeds)

    def _many(self, out: Path, seeds: int) -> int:
        if seeds < 1 or self.jobs < 1:
            raise UserError("--seeds and --jobs must be at least 1")
        singles = [
            replace(self, seed=seed, seeds=None, out=out / f"seed-{seed}")
            for seed in range(self.seed, self.seed + seeds)
        ]
        if self.jobs == 1:
            return max(single.main() for single in singles)
        with ProcessPoolExecutor(self.jobs) as pool:
            return max(pool.map(_train, singles))

    def _start(self, out: Path) -> int:
        from rlkit import agents

        env = make(self.environment or "", self.env)
        settings = values(self.set)
        agent = agents.make(self.agent or "", env, seed=self.seed, **settings)
        run = Run.create(
            out,
            {
                "environment": describe_env(env),
                "agent": self.agent,
                "seed": self.seed,
                "steps": self.steps,
                "settings": asdict(agent.config),
            },
        )
        return self._learn(run, agent)

    def _resume(self, folder: Path) -> int:
        import rlkit

        run, _, newest = Run.reopen(folder)
        return self._learn(run, rlkit.load(newest))

    def _learn(self, run: Run, agent: Any) -> int:
        """Learn with metrics and checkpoints; an interruption leaves a checkpoint."""
        target = agent.num_timesteps + self.steps
        every = max(self.steps // LOG_POINTS, 1)
        logged = agent.num_timesteps

        with interruptible() as interrupted:
            meter = Meter(agent)

            def record(progress: Any) -> bool:
                nonlocal logged
                if progress.step - logged >= every or progress.step == progress.target:
                    logged = progress.step
                    run.log({"step": progress.step, **meter.measure()})
                    run.save(agent)
                return not interrupted()

            agent.learn(self.steps, progress_bar=not self.json, callback=record)
            run.save(agent)
        run.draw_curve(meter.optimum)
        if agent.num_timesteps < target:
            print(
                f"interrupted at step {agent.num_timesteps:,}; a checkpoint is saved. Go on with\n"
                f"  rlkit train --resume {run.folder} --steps {target - agent.num_timesteps}"
            )
            return INTERRUPTED
        self._report(run, agent, meter)
        return 0

    def _report(self, run: Run, agent: Any, meter: "Meter") -> None:
        final = {"step": agent.num_timesteps, **meter.measure()}
        run.write_evaluation(final)
        if self.json:
            print_json({"run": str(run.folder), **final})
        else:
            shown = ", ".join(f"{name} {value:.4g}" for name, value in final.items())
            print(f"run: {run.folder}\n{shown}")


class Meter:
    """Measures a learner: exactly where its environment has a model of moderate size."""

    def __init__(self, agent: Any) -> None:
        from rlkit.model import TabularModel

        self.agent = agent
        self.model: TabularModel | None = None
        self.optimum: float | None = None
        try:
            model = TabularModel.from_env(agent.env, agent.discount)
        except (AttributeError, TypeError, ValueError):
            return
        if model.num_states <= LARGEST_EXACT:
            from rlkit.catalogue import agent_class

            self.model = model
            solution = agent_class("policy-iteration")(model).solve()
            self.optimum = float(model.initial @ solution.values)

    def measure(self) -> dict[str, float]:
        """Return the value of the greedy policy: computed with its regret, or else sampled."""
        if self.model is not None and self.optimum is not None:
            value = float(self.model.initial @ self.model.evaluate(self.agent.policy))
            return {"value": value, "regret": self.optimum - value}
        from rlkit.evaluation import evaluate

        sampled = evaluate(self.agent, self.agent.env.unwrapped.spec.id, episodes=20)
        return {"value": float(sampled.returns.mean())}


def _train(command: Train) -> int:
    return command.main()


if __name__ == "__main__":
    from rlkit.scripts.cli import command

    raise SystemExit(command(Train))
