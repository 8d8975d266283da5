"""Studies: what a scenario would do if something in it were different, by paired runs.

Every pair shares its luck, so that what differs between its two runs is due to the change.
"""
