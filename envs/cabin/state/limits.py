"""How large the ontology of a car may be; the kernels' tables have these capacities."""

MAX_FUNCTIONS = 24
MAX_SIGNALS = 48
MAX_RULES = 32
"""Rules after those about several zones are written out, one a zone."""
MAX_COMMAND_VALUES = 64
"""Values of a slot that a command uses: sets of them are held as bits."""
MAX_CONDITIONS = 2
"""Slots that the conditions of one rule are about."""
