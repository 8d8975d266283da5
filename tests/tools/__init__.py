"""What tests share that is not a market: how they look at pages, folders, figures and records.

    catalogue         The Danish texts of reports, read from their catalogue.
    changed_folders   Result folders changed by a test: with the manifest of before digests,
                      signed anew, or with another process at work in them.
    cut_off           What a drawing may not do: cut off its letters, write one text over another.
    declared          A file held against the declaration of its columns.
    differences       Where the records of two runs differ, to the bit.
    documentation     Pages of the documentation, read: blocks of code, tables, the fields.
    lever_values      Any value that a lever may take, for property tests.
    pages             Every kind of page that there is, of `worlds.any_names`.
    paired            The same seeds with and without a change, and how sure the difference is.
    projection        The projection of customer value, written a second time from the docs.
    unfinished        Commands that are interrupted at a moment, and what their folders then hold.

Five files of `tests/` itself are programs that people or `make` call, and tools too:

    browser                  `make browser`: a browser for the tests of pages, and questions to one.
    coverage_of_intervals    `make coverage`: how often intervals hold the truth.
    proof                    `python tests/proof.py`: what must not change by accident.
    same_everywhere          `python tests/same_everywhere.py`: hashes of what a machine computes.
    verdicts_on_fresh_seeds  `make verdicts`: every claim judged again on other seeds.

Tests and these programs see the folder `tests/`, and say `from worlds.markets import MARKETS` or
`from tools.paired import runs`.
"""
