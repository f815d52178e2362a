"""Settings of publishing, and the files that they name."""

from pathlib import Path

import pytest

from headgate.server.publishing.credentials import CredentialsMissingError, read_credentials
from headgate.server.publishing.settings import PublishingSettings, publishing_settings_from
from headgate.server.termination import ExitReason, GivingUpError

GIVEN = {
    "HEADGATE_PREDICTIONS_SERVER": "tls://feed.team-a.svc:4222",
    "HEADGATE_PREDICTIONS_SUBJECT": "predictions.churn",
    "HEADGATE_PREDICTIONS_USER": "churn",
    "HEADGATE_PREDICTIONS_PASSWORD_FILE": "/predictions/password",
    "HEADGATE_PREDICTIONS_CA_FILE": "/predictions/ca.crt",
}


def test_without_a_server_nothing_is_published() -> None:
    assert publishing_settings_from({"HEADGATE_PREDICTIONS_SUBJECT": "a"}) is None


def test_all_settings() -> None:
    assert publishing_settings_from(GIVEN) == PublishingSettings(
        server="tls://feed.team-a.svc:4222",
        subject="predictions.churn",
        user="churn",
        password_file=Path("/predictions/password"),
        ca_file=Path("/predictions/ca.crt"),
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEADGATE_PREDICTIONS_SERVER", "feed:4222"),
        ("HEADGATE_PREDICTIONS_SERVER", "http://feed:4222"),
        ("HEADGATE_PREDICTIONS_SERVER", "nats://churn:secret@feed:4222"),
        ("HEADGATE_PREDICTIONS_SUBJECT", ""),
        ("HEADGATE_PREDICTIONS_SUBJECT", "predictions.>"),
        ("HEADGATE_PREDICTIONS_USER", ""),
    ],
)
def test_a_bad_setting_is_named_and_never_shown(variable: str, value: str) -> None:
    with pytest.raises(GivingUpError) as caught:
        publishing_settings_from(GIVEN | {variable: value})
    assert caught.value.reason is ExitReason.SETTINGS_INVALID
    assert caught.value.message.startswith(variable)
    assert "secret" not in caught.value.message


def settings(folder: Path, server: str = "nats://feed:4222") -> PublishingSettings:
    return PublishingSettings(
        server=server,
        subject="predictions.churn",
        user="churn",
        password_file=folder / "password",
        ca_file=folder / "ca.crt",
    )


def test_a_password_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(" correct horse ")
    found = read_credentials(settings(tmp_path))
    assert (found.user, found.password, found.tls) == ("churn", " correct horse ", None)
    assert "horse" not in repr(found)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "has no key churn"),
        (b"\xff\xfe", "unreadable"),
        (b"$2b$11$" + b"a" * 53, "holds a bcrypt hash"),
    ],
    ids=["missing", "no text", "hash"],
)
def test_a_password_that_cannot_be_used_says_where_it_should_come_from(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    with pytest.raises(CredentialsMissingError, match=says) as caught:
        read_credentials(settings(tmp_path))
    assert "spec.predictions.user.secretRef" in str(caught.value)
    assert "aaaa" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_without_the_authority_that_is_asked_for_nobody_is_trusted(
    tmp_path: Path, content: bytes | None
) -> None:
    (tmp_path / "password").write_text("correct horse")
    if content is not None:
        (tmp_path / "ca.crt").write_bytes(content)
    with pytest.raises(CredentialsMissingError, match="no certificate authority"):
        read_credentials(settings(tmp_path, "tls://feed:4222"))
