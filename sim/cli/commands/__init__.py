"""What each command does, from its options to files and printed lines; `sim.cli` reads options."""
