"""From the files of an ontology to a `Domain`: what can be talked about, and the car."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.ontology.loading import SHIPPED, load_driver, load_ontology

__all__ = ["SHIPPED", "load_driver", "load_ontology"]

_HOMES = dict.fromkeys(__all__, "rlkit.envs.cabin.ontology.loading")

__getattr__ = offering(__name__, _HOMES, "rlkit.envs.cabin.ontology.loading")
