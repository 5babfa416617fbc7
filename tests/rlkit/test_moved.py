"""Paths of before still work, and say what to import instead."""

from importlib import import_module

import pytest

MOVED = {
    "rlkit.catalogue.SB3": "rlkit.agents.sb3.algorithms",
    "rlkit.catalogue.fitting_sb3": "rlkit.agents.sb3.algorithms",
    "rlkit.envs.cabin.acts.INFORM": "rlkit.envs.cabin.state.acts",
    "rlkit.envs.cabin.drive_phases.phase_of": "rlkit.envs.cabin.car.phases",
    "rlkit.envs.cabin.drives.load_drives": "rlkit.envs.cabin.roads.loading",
    "rlkit.envs.cabin.laws.add_levels": "rlkit.envs.cabin.car.laws",
    "rlkit.envs.cabin.notation.parse_act": "rlkit.envs.cabin.language.notation",
    "rlkit.envs.cabin.road.headway_margin": "rlkit.envs.cabin.car.road",
    "rlkit.envs.cabin.speech.sentence": "rlkit.envs.cabin.language.speech",
    "rlkit.envs.cabin.vss.to_vss": "rlkit.envs.cabin.ontology.vss",
    "rlkit.scripts.training.Meter": "rlkit.scripts.runs.training",
    # Folders that bear the name of a file of before.
    "rlkit.envs.cabin.assistant.say": "rlkit.envs.cabin.assistant.saying",
    "rlkit.envs.cabin.channel.KNOTS": "rlkit.envs.cabin.channel.hearing",
    "rlkit.envs.cabin.dashboard.draw": "rlkit.envs.cabin.dashboard.drawing",
    "rlkit.envs.cabin.scenario.compile_tables": "rlkit.envs.cabin.scenario.dialogue_tables",
    "rlkit.envs.cabin.simulator.RESET": "rlkit.envs.cabin.simulator.simulator",
    "rlkit.envs.cabin.spectator.Spectator": "rlkit.envs.cabin.spectator.spectator",
    "rlkit.envs.cabin.state.new_state": "rlkit.envs.cabin.state.record",
}
"""Names by their former path, and the module that has them."""
STAYED = ("driver.Driver", "live.Assistant", "ontology.load_ontology", "simulator.Simulator")
"""What folders of the cabin offer themselves."""


@pytest.mark.parametrize("path", MOVED)
def test_a_former_path_works_and_names_the_new_one(path: str) -> None:
    module, _, name = path.rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"{path} is now {MOVED[path]}.{name};") as warned:
        found = getattr(import_module(module), name)

    assert found is getattr(import_module(MOVED[path]), name)
    assert warned[0].filename == __file__


@pytest.mark.parametrize("path", STAYED)
def test_what_a_folder_offers_comes_without_a_warning(path: str) -> None:
    module, _, name = f"rlkit.envs.cabin.{path}".rpartition(".")

    assert getattr(import_module(module), name).__name__ == name


@pytest.mark.parametrize("module", ["rlkit.envs.cabin.laws", "rlkit.envs.cabin.driver"])
def test_what_was_never_there_is_still_missing(module: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{module}' has no attribute 'nothing'"):
        _ = import_module(module).nothing
