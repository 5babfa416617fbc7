"""What the commands say of presets."""

import shlex
from typing import Any

import yaml

from rlkit.agents.presets import Preset, presets


def told(preset: Preset, arguments: dict[str, Any]) -> str:
    """Say which preset is used, and where the environment differs from that it was tuned in.

    Args:
        preset: The preset.
        arguments: Of the environment, beside those of its id.
    """
    line = f"begins with the preset {preset.name} of {preset.environment} (--preset none: without)"
    tuned = preset.training_arguments
    names = [name for name in {**tuned, **arguments} if tuned.get(name) != arguments.get(name)]
    if not names:
        return line
    differ = "is another" if len(names) == 1 else "are others"
    where = f"with {pairs('--env', tuned)}" if tuned else "with the environment's defaults"
    return f"{line}; it was tuned {where}, and here {', '.join(names)} {differ}"


def training_command(preset: Preset, seeds: int) -> str:
    """Return the command that trains an agent as a preset was tuned."""
    return " ".join(
        filter(
            None,
            (
                f"rlkit train {preset.environment} --preset {preset.name}",
                pairs("--env", preset.training_arguments),
                f"--steps {preset.steps}",
                "" if preset.episodes is None else f"--episodes {preset.episodes}",
                f"--seeds {seeds}",
            ),
        )
    )


def rows() -> list[dict[str, Any]]:
    """Return what there is to say of every preset, ready for JSON."""
    found = []
    for environment, named in presets().items():
        agents: set[str] = set()
        for preset in named.values():
            found.append(
                {
                    "environment": environment,
                    "preset": preset.name,
                    "agent": preset.agent,
                    "tuned": preset.agent not in agents,
                    "steps": preset.steps,
                    "episodes": preset.episodes,
                    "env": preset.training_arguments,
                    "settings": preset.settings,
                }
            )
            agents.add(preset.agent)
    return found


def pairs(flag: str, content: dict[str, Any]) -> str:
    """Return keys and values as words after a flag of the command line; nothing for none."""
    words = (word for name, value in content.items() for word in (name, shlex.quote(_flow(value))))
    return " ".join([flag, *words]) if content else ""


def _flow(value: Any) -> str:
    """Return a value as a line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=float("inf"))
    return text.removesuffix("\n").removesuffix("\n...")
