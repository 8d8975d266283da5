"""Runs: one, or many of them, here or elsewhere, each kept as soon as it is finished."""
