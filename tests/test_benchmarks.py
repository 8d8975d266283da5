"""The benchmarks compare what is the same; no test here looks at the clock."""

from benchmarks.common import Figure, in_turns


def test_measurements_in_turns_take_turns() -> None:
    order: list[str] = []

    def note(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns([lambda: note("a"), lambda: note("b")], 2)
    assert order == ["a", "b", "a", "b"]
    assert found == [[1.0, 3.0], [2.0, 4.0]]


def test_a_line_says_whether_the_goal_was_reached() -> None:
    assert Figure("cost", 1.0, "ratio", 2.0).line().endswith("goal <= 2: reached")
    assert Figure("gain", 1.0, "ratio", 2.0, at_most=False).line().endswith("goal >= 2: MISSED")
    assert "goal" not in Figure("cost", 1.0, "ratio").line()
