"""The official test suite: every assertion passes, with memory accesses kept in bounds in both ways, with every module
sent through the printer, the parser, the encoder and the decoder, with garbage collected at every allocation, and in
the deterministic profile."""

import re
import sys

from harness import run_script, weft


def main():
    folders = run_script("testsuite").splitlines()
    status = 0
    for mode in (["--bounds", "guard"], ["--bounds", "explicit"], ["--round-trip"], ["--collect-always"],
                 ["--deterministic"]):
        done = weft("wast", *mode, *folders, timeout=1500)
        output = done.stdout.decode()
        print(f"{' '.join(mode)}:\n" + "\n".join(output.splitlines()[-40:]) + done.stderr.decode())
        total = re.search(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
        # Fewer than this, and something was not found.
        if done.returncode != 0 or total is None or int(total[1]) < 50000:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
