"""Levers: a study file, its design of runs, and what drives a measure."""
