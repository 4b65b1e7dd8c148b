"""Where the shell functions are that every script that looks at a machine begins with."""

from pathlib import Path

SHOW = Path(__file__).with_name("show.sh")
