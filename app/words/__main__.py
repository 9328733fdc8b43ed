"""`python -m app.words`: bring the catalogues up to date with the code; say what has no translation yet."""

import sys

from app.words.extracting import update


def main() -> int:
    """The exit code: 1 while sentences wait."""
    waiting = update()
    for language, messages in waiting.items():
        for message in messages:
            sys.stdout.write(f"{language}: {message}\n")
    return 1 if any(waiting.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
