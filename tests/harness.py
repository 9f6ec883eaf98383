"""What the test scripts share: running the built weft command, and skipping with a reason.

The environment names the command (WEFT) and the build directory (WEFT_BUILD).
"""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
WEFT = os.environ.get("WEFT", str(SOURCE / "build/release/bin/weft"))
BUILD = pathlib.Path(os.environ.get("WEFT_BUILD", SOURCE / "build/release"))
SKIPPED = 77  # the exit code that ctest counts as skipped


def weft(*words, stdin=b"", timeout=60, **options):
    """Runs `weft words…`; gives the finished process with captured output (bytes)."""
    return subprocess.run([WEFT, *map(str, words)], input=stdin, capture_output=True, timeout=timeout, **options)


def skip(reason):
    """Ends the script as skipped, saying why."""
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run_script(*words):
    """Runs one of scripts/; gives its standard output, or skips with its last error line."""
    done = subprocess.run([str(SOURCE / "scripts" / words[0]), *words[1:]], capture_output=True, text=True)
    if done.returncode != 0:
        skip(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"scripts/{words[0]} failed")
    return done.stdout.strip()
