"""The official test suite: every assertion passes, in both ways of keeping memory accesses in bounds."""

import re
import sys

from harness import run_script, weft


def main():
    folders = run_script("testsuite").splitlines()
    status = 0
    for bounds in ("guard", "explicit"):
        done = weft("wast", "--bounds", bounds, *folders, timeout=1500)
        output = done.stdout.decode()
        print(f"--bounds {bounds}:\n" + "\n".join(output.splitlines()[-40:]) + done.stderr.decode())
        total = re.search(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
        # Fewer than this, and something was not found.
        if done.returncode != 0 or total is None or int(total[1]) < 50000:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
