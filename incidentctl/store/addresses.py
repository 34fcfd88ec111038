"""Where a target is: in the user's own settings, the keyring, or a variable of the environment. Never in the repository; never told."""

from collections.abc import Mapping

from incidentctl.config.settings import NotifyTarget

_SERVICE = "incidentctl"


def address_of(target: NotifyTarget, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """The address, with the secret in it; or None, and what is missing."""
    if target.url:
        return target.url, ""
    if target.keyring:
        return _from_keyring(target.name)
    address = environ.get(target.variable, "").strip()
    if address and address.isprintable():
        return address, ""
    return None, f"{target.variable} {'is no address' if address else 'is not set'}"


def _from_keyring(name: str) -> tuple[str | None, str]:
    try:
        import keyring
    except ImportError:
        return None, "the keyring needs pipx install 'incidentctl[keyring]'"
    try:
        found = keyring.get_password(_SERVICE, name)
    except Exception as error:  # each backend has its own
        return None, f"the keyring cannot be read: {type(error).__name__}"
    return (found.strip(), "") if found else (None, f"the keyring has nothing: `keyring set {_SERVICE} {name}`")
