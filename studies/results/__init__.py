"""Studies of learners and planners; `data` holds what `rlkit results` measured."""
