"""A build reaches the package index that its machine is configured for."""

from hack.cluster.buildenv import AUTHORITY_IN_BUILD, build_environment


def test_a_machine_without_settings_gives_an_empty_environment() -> None:
    assert build_environment({}, "", with_authority=False) == ""


def test_pips_own_configuration_reaches_the_build() -> None:
    printed = "global.index-url='https://index.example/simple'\nglobal.timeout='90'\n"
    assert build_environment({}, printed, with_authority=False) == (
        "PIP_DEFAULT_TIMEOUT=90\nPIP_INDEX_URL=https://index.example/simple\n"
    )


def test_the_environment_wins_over_pips_configuration() -> None:
    printed = "global.index-url='https://index.example/simple'"
    environment = {"PIP_INDEX_URL": "https://other.example/simple"}
    assert build_environment(environment, printed, with_authority=False) == (
        "PIP_INDEX_URL=https://other.example/simple\n"
    )


def test_an_index_that_only_uv_was_told_is_used_too() -> None:
    environment = {"UV_DEFAULT_INDEX": "https://index.example/simple"}
    assert "PIP_INDEX_URL=https://index.example/simple" in build_environment(
        environment, "", with_authority=False
    )


def test_paths_of_the_machine_stay_on_the_machine() -> None:
    environment = {"PIP_FIND_LINKS": "/opt/wheels", "PIP_CERT": "/etc/ca.crt", "HOME": "/root"}
    printed = "global.cert='/etc/ca.crt'\nglobal.find-links='/opt/wheels'"
    assert build_environment(environment, printed, with_authority=False) == ""


def test_certificates_are_named_by_where_the_build_sees_them() -> None:
    text = build_environment({"PIP_CERT": "/etc/ca.crt"}, "", with_authority=True)
    assert f"PIP_CERT={AUTHORITY_IN_BUILD}\n" in text
    assert "/etc/ca.crt" not in text


def test_values_with_shell_characters_are_quoted() -> None:
    environment = {"PIP_INDEX_URL": "https://user:a$b@index.example/simple?x=1&y=2"}
    assert build_environment(environment, "", with_authority=False) == (
        "PIP_INDEX_URL='https://user:a$b@index.example/simple?x=1&y=2'\n"
    )
