"""The small markets ("worlds") that tests run in, and scenarios, records and studies by hand.

A market that several test files need stands here, once; one that a single file needs stands in
that file. For each module: its size as it comes (customers, days; phases, segments, touchpoints),
the engines that it suits, what is special, and what it is for. "Both" engines: few customers, so
that the reference engine is quick too; "fast": only that engine gets through it in a test.

Markets with most of the model, held between the engines bit by bit:

    markets         Six markets by name. `town`, below; `club` (180, 90; 5, 1, 3), subscriptions
                    and talk among friends; `stall` (150, 60; 3, 2, 2), a funnel; `clinic` (120,
                    40; 4, 2, 2), crowded queues; `hermit` (1, 1; 3, 1, 0), the smallest there can
                    be; `theatre` (160, 70 after a past of 50; 6, 2, 12), turnover, a timeline,
                    states of the day, orders of many sizes, rivals' subscriptions, desks that are
                    required. Both. Also a shorter and a longer town and a longer club, for studies
                    and for cohorts: fast.
    town            220, 75; 9, 2, 18: every start, trigger and audience, budgets, flights,
                    seasons, add-ons, rivals, reviews, queues with patience. Both. Its fields
                    only: it is made in `markets`.
    any_names       150, 200; 4, 2, 3: one or two of everything that has a name, and all of it may
                    be called anything. Fast. For pages, and for long or strange names on them.
    shop            3000, 150; 6, 2, 8: a loop with a rival and a touchpoint of each kind, every
                    lever of which matters. Fast. For directions, by paired runs (`tools.paired`).

Markets of which the answer is known:

    dozen           12, 400; 8, 12, 17: every customer the only one of its segment, every event
                    forced, and the ledger of what each of them does. Both. For events.
    dozen_figures   The figures of the dozen, worked out by hand from its ledger. No engine.
    help_desk       2000, 40; 3, 1, 2: everybody gives up at the checkout, unless a help desk is
                    met there; linear, in closed form. Fast. For what touchpoints add.
    paid_media      `help_desk` (1000 customers) with two paid touchpoints, one of them useless.
                    Fast. For credit, and for what a budget set by it loses.
    street          `help_desk` (as many customers as asked for) with a flyer, a poster that does
                    nothing, and a clerk; its exported files. Fast. For media mix models.
    two_posters     4000, 40; 3, 2, 2: the checkout of `help_desk`, but two segments and a poster
                    for each; the best split of the budget is known. Fast. For budgets.
    hyperbolas      No market: four returns with a known best split. No engine. For the search.

By hand, and studies:

    by_hand         12, 60; 6, 1, 2: a scenario, and records in which nothing happened until a
                    test writes it there; `alone` (1, 1; 6, 1, 0) is its least. No engine but
                    where a test runs it. For measures and pages, figure by figure.
    studies         A study of the town's levers (200, 20; 24 runs), and studies of functions with
                    a known answer. Fast. For designs, sweeps, sensitivity, runners.
    split_study     A study that measures the best split of `two_posters` (300 customers). Fast.
    commands        Every command that makes many runs, with its market (`two_posters` with 100
                    customers; the town with 150, 25 days) and study files. Fast. For studies that
                    are interrupted, go on, fail or are damaged.
"""
