"""Reports: one self-contained page for a run, without scripts and without anything from outside.

`numbers` writes figures as people read them, `drawing` sets the style and turns drawings into
SVG, `figures` draws, `pages` puts the sections together, `folder` writes the result folder.
"""
