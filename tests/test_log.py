"""What the server tells its operator is bounded."""

import io

from chat.log import BoundedStream


def test_a_minute_holds_so_much_and_what_was_left_out_is_said() -> None:
    now = [0.0]
    kept = io.StringIO()
    stream = BoundedStream(kept, 100, clock=lambda: now[0])
    for _ in range(50_000):
        assert stream.write("x" * 10 + "\n") == 11
    assert kept.getvalue() == ("x" * 10 + "\n") * 9
    now[0] = 60.0
    stream.write("again\n")
    assert kept.getvalue().endswith("[549,901 characters of messages were left out]\nagain\n")
    assert stream.getvalue is not None  # all else is the stream's


def test_little_is_written_as_it_is() -> None:
    kept = io.StringIO()
    stream = BoundedStream(kept)
    print("one", file=stream)
    assert kept.getvalue() == "one\n"
