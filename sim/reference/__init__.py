"""The reference engine: the market as objects, to be read, and to hold the fast engine to.

A `Market` (a Mesa model) of `Customer`s (Mesa agents) and of queues (SimPy processes) calls
the same rules as the fast engine, one customer at a time. Scheduling, storage and queues are
its own, so that equal records mean that both are right about what they do not share.
"""
