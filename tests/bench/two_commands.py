"""What any typer program costs: two commands that do nothing."""

import typer

app = typer.Typer()


@app.command()
def note(text: str) -> None:
    """Do nothing with a text."""


@app.command()
def close(text: str) -> None:
    """Do nothing with a text."""


def main() -> None:
    app()
