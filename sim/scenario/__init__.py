"""Scenario files: what they may say, how they are read, changed and written."""
