"""Every benchmark program prints under Weft what its native build prints."""

import pathlib
import subprocess
import sys

from harness import BUILD, SOURCE, skip, weft


def main():
    out = BUILD / "programs"
    built = subprocess.run([str(SOURCE / "bench/build.sh"), str(out)], capture_output=True, text=True)
    if built.returncode != 0:
        skip("bench/build.sh: " + (built.stderr.strip().splitlines() or ["failed"])[-1])
    passed = failed = 0
    for module in sorted(out.glob("*.wasm")):
        native = subprocess.run([str(out / "native" / module.stem)], capture_output=True, timeout=120)
        for bounds in ("guard", "explicit"):
            done = weft("run", "--bounds", bounds, module, timeout=300)
            if (done.returncode, done.stdout) == (native.returncode, native.stdout):
                passed += 1
            else:
                failed += 1
                print(f"{module.stem} ({bounds}): exit code {done.returncode}, expected {native.returncode}\n"
                      f"  expected {native.stdout[:200]!r}\n  actual   {done.stdout[:200]!r} {done.stderr[:500]!r}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
