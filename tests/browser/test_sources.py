"""The page's sources hold together, before a browser sees them."""

from hack.browser.page import PAGE, npm


def test_types_hold() -> None:
    npm("run", "types")


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (PAGE / "package-lock.json").read_text()
