"""Copies text through the terminal, by its OSC 52 sequence: works over ssh, and needs no program."""

from base64 import b64encode

from incidentctl.context import Outside

_MOST = 74_994
"""Bytes that terminals take at most, after base64."""


def copy_to_clipboard(outside: Outside, text: str) -> bool:
    """Whether the text was handed to a terminal; without one nothing is written, and that is said."""
    payload = b64encode(text.encode("utf-8", "replace"))
    if len(payload) > _MOST:
        outside.talk("the update is too long for the clipboard")
        return False
    stream = next((each for each in (outside.stderr, outside.stdout) if each.isatty()), None)
    if stream is None:
        outside.talk("there is no terminal to copy with: here is the update")
        return False
    sequence = f"\x1b]52;c;{payload.decode()}\x07"
    if outside.environ.get("TMUX"):
        sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    stream.write(sequence)
    stream.flush()
    return True
