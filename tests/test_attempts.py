"""Wrong passwords slow the next ones down, by name and by address."""

import pytest

from chat.attempts import FREE_OF_A_NAME, FREE_OF_AN_ADDRESS, MAX_WAIT_SECONDS, Attempts, TooManyAttempts
from chat.rate_limit import address_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def waited(attempts: Attempts, clock: Clock, name: str, address: str) -> float:
    """How long a try had to wait, having waited."""
    start = clock.now
    while True:
        try:
            attempts.begin(name, address)
            return clock.now - start
        except TooManyAttempts as error:
            clock.now += error.wait_seconds


def test_each_wrong_password_of_a_name_doubles_the_wait_up_to_a_minute() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = [waited(attempts, clock, "ann", f"192.0.2.{number}") for number in range(FREE_OF_A_NAME + 9)]
    assert waits == [0] * FREE_OF_A_NAME + [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert waited(attempts, clock, "bob", "192.0.2.200") == 0


def test_sixty_at_once_are_looked_at_no_faster() -> None:
    attempts = Attempts(Clock())
    looked_at = 0
    for _ in range(60):
        try:
            attempts.begin("ann", "192.0.2.1")
            looked_at += 1
        except TooManyAttempts as error:
            assert "The next one is looked at in 1 s." in str(error)
    assert looked_at == FREE_OF_A_NAME


def test_many_names_from_one_address_are_slowed_down_too() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = [waited(attempts, clock, f"name{number}", "192.0.2.1") for number in range(FREE_OF_AN_ADDRESS + 3)]
    assert waits == [0] * FREE_OF_AN_ADDRESS + [1, 2, 4]


def test_who_came_in_before_is_not_locked_out_by_others() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    attempts.begin("ann", "192.0.2.1")
    attempts.succeeded("ann", "192.0.2.1")
    for number in range(20):
        waited(attempts, clock, "ann", f"198.51.100.{number}")
    with pytest.raises(TooManyAttempts):
        attempts.begin("ann", "198.51.100.99")
    attempts.begin("ann", "192.0.2.1")


def test_a_right_password_starts_anew_and_an_hour_forgets() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(FREE_OF_A_NAME):
        attempts.begin("ann", "192.0.2.1")
    attempts.succeeded("ann", "192.0.2.1")
    for _ in range(FREE_OF_A_NAME):
        attempts.begin("ann", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        attempts.begin("ann", "192.0.2.1")
    clock.now += 3601
    for _ in range(FREE_OF_A_NAME):
        attempts.begin("ann", "192.0.2.1")
    assert MAX_WAIT_SECONDS == 60


def test_what_is_kept_of_many_is_bounded() -> None:
    attempts = Attempts(Clock())
    for number in range(12_000):
        attempts.begin(f"name{number}", f"10.{number >> 8}.{number & 255}.1")
        attempts.succeeded(f"name{number}", f"10.{number >> 8}.{number & 255}.1")
    assert len(attempts._wrong) <= 10_000
    assert len(attempts._known) <= 10_000


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1:2:3", "2001:db8::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_household_are_counted_together(host: str, counted: str) -> None:
    assert address_of(host) == counted
