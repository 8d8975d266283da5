"""From records to answers: what a run measures, defined in words and formula, then computed.

Every measure is a pure function of a run's records. Where a figure does not exist it gives
an `Undefined` that says why.
"""
