"""A run whose leader is killed at random moments, and gone on with each time."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

KILLS = 5
LONGEST = 4.0
"""Seconds after which a leader is killed at the latest: about what the runs take that are killed."""
SECONDS = 240


def printed_after_kills(folder: Path, words: Sequence[str], locator: str) -> str:
    """The last line that a script prints which ends well at last. What a store's interrupted creation left is
    removed, and the run begun anew."""
    moments = random.Random()
    seconds = [moments.uniform(0.3, LONGEST) for _ in range(KILLS)]
    restart: list[str] = []
    said = folder / "said"
    while True:
        with said.open("w") as out:
            command = [sys.executable, *words, "--job-store", locator, *restart]
            leader = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            code = leader.wait(seconds.pop() if seconds else SECONDS)
        except subprocess.TimeoutExpired:
            leader.kill()
            leader.wait()
            restart = ["--restart"]
            continue
        text = said.read_text()
        if code == 0:
            return text.splitlines()[-1]
        unmade = "There is no job store" in text or "was never finished being made" in text
        assert restart, text
        assert unmade, text
        subprocess.run([Path(sys.executable).with_name("toil"), "clean", locator], check=True)
        restart = []
