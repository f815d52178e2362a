"""Users are read out of a Secret, and what is wrong in it is told without showing it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.streamgateway.engines.nats.users import User, read_users

PASSWORD = b"correct horse"
HASH = b"$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"


def test_each_key_is_a_user_in_the_order_of_names() -> None:
    read = read_users({"zoe": PASSWORD, "amy-2.x_Y": HASH})
    assert read.users == (
        User(name="amy-2.x_Y", password=HASH.decode()),
        User(name="zoe", password=PASSWORD.decode()),
    )
    assert read.problems == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "it has no keys"),
        ({"amy": b""}, "key amy: the password is empty"),
        ({"amy": b"\xff\xfe\xfd12345678"}, "key amy: the password is not UTF-8 text"),
        ({"amy": b"seven77"}, "key amy: the password is shorter than 8 characters"),
        ({"amy": b"x" * 73}, "key amy: the password is longer than 72 bytes"),
        ({"amy": b"password1\n"}, "key amy: the password ends in a line break"),
        ({"amy": b"pass\x00word"}, "key amy: the password holds control characters"),
        ({"amy": HASH[:-1]}, "key amy: it begins like a bcrypt hash and is none"),
        ({"amy": HASH.replace(b"$06$", b"$14$")}, "key amy: a bcrypt cost of 14 lets few"),
        ({"a" * 65: PASSWORD}, "a user's name has at most 64 characters, this has 65"),
        ({"a b": PASSWORD}, "key a b: a user's name is made of letters, digits"),
        ({"headgate-system": PASSWORD}, "key headgate-system: this name is kept for the operator"),
        ({"headgate-operator": PASSWORD}, "key headgate-operator: this name is kept"),
        ({f"u{n}": PASSWORD for n in range(1001)}, "it has 1001 keys, at most 1000"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(data: dict[str, bytes], problem: str) -> None:
    (told,) = read_users(data).problems
    assert problem in told


def test_each_wrong_key_is_told_of_and_the_others_are_read() -> None:
    read = read_users({"amy": b"", "ben": b"short", "zoe": PASSWORD})
    assert [user.name for user in read.users] == ["zoe"]
    assert len(read.problems) == 2


HOSTILE = st.lists(st.sampled_from([b"$2a$", b"\xff", b"\n", b"\x00", b'"', b"long enough"]))


@given(st.dictionaries(st.text("a /", max_size=70), HOSTILE, max_size=4))
def test_whatever_a_secret_holds_nothing_of_a_password_is_shown(
    data: dict[str, list[bytes]],
) -> None:
    read = read_users({key: b"S3CR3T".join([b"", *parts]) for key, parts in data.items()})
    assert "S3CR3T" not in repr(read)
