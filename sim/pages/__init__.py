"""Pages: self-contained HTML, without scripts and without anything from outside.

A page is a list of sections of blocks (`blocks`), and `render` makes HTML of it. A module a page
puts it together: `pages` the report of a run, of the sections in `opening`, `conversion`, `keeping`
and their like; `compare_page`, `touchpoints`, `optimise_page`, `split_page` and `sweep_page` those
of questions. `charts` draws, `words` speaks, `folder` writes the result folder.
"""
