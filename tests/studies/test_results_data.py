"""What was measured was measured with the presets that are shipped."""

import json
from pathlib import Path

from rlkit.agents.presets import presets
from rlkit.scripts.results.measuring import CELLS
from rlkit.scripts.results.players import BASELINE

DATA = Path(__file__).parents[2] / CELLS


def test_measured_cells_were_trained_with_todays_presets() -> None:
    """A preset that changes makes its cells a thing of the past: measure them anew."""
    files = sorted(DATA.glob("*/*/seed-*.json"))
    cells = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    learned = [cell for cell in cells if cell["player"] != BASELINE]
    changed = {
        (cell["environment"], cell["player"])
        for cell in learned
        for preset in [presets()[cell["environment"]][cell["player"]]]
        if (cell["agent"], cell["settings"]) != (preset.agent, preset.settings)
        or cell.get("training_arguments", {}).get("reward") != preset.reward
    }

    assert len(learned) > 300
    assert changed == set()
