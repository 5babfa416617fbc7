"""From the keywords of `gymnasium.make` and an ontology to the tables of the kernels."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.scenario.dialogue_tables")
