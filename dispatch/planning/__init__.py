"""For planners, over the log and the ground: what happened, and what would mend it."""
