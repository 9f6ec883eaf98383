#!/usr/bin/env python3
"""Times the benchmark programs on Weft and on the engines it is measured against.

What is measured
  Every program reads its work size from its first argument; size 0 is start-up and no work. In one run the
  engines take turns: for each round, for each program, each engine runs the program with size 0 and then with
  its default size, so that a slow minute of the machine falls on all engines alike. The figure of a cell is

      median(CPU time with the default size) - median(CPU time with size 0)

  that is the run time with start-up, decoding and compilation ahead of the run taken off. CPU time is user +
  system of the whole process with all its threads (wait4), which a busy machine disturbs less than wall time;
  it is the figure for every engine. Wasmtime and V8 run inside Python and node, whose start costs more than
  some programs: there the driver itself takes both times around the command's _start. Compilation during the
  run counts: what an engine compiles in other threads while the program runs is work that the machine does.
  V8 is told to compile eagerly in the two rows that have one compiler; the row `v8` is node as it comes. The
  JSON file has wall times too.

  The output of every run, with either size, must equal the native build's; a difference, a non-zero exit code
  or a time-out is a failure, is shown as such, and makes the exit code 1.

Engines
  native       the same C source, built by the host's compiler with the same optimization level
  weft-*       --weft FILE, else build/release/bin/weft or build/release/cli/weft of this checkout, else PATH
  wasm3        $WASM3 or PATH                  iwasm (WAMR)   $IWASM or PATH
  cranelift    Wasmtime from the package `wasmtime` of the Python that runs this script; winch likewise
  v8, v8-*     $NODE or PATH, through node:wasi
  An engine that is not there, or that cannot run hello.wasm, is named on stderr and left out. The SIMD
  programs (simd_*) are left out for the peers that cannot do SIMD; for Weft that would be a failure.

Start-up mode (--startup)
  Times hello.wasm from exec to exit, and `FILE -c pass` with --python FILE. For Wasmtime and V8 the column
  `host` is the surrounding process without any WebAssembly, to be taken off by the reader.
"""
import argparse
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DEFAULT_BASE = "wasm3"
EXAMPLES = """examples:
  bench/build.sh && bench/run.py                          everything that is there, five rounds
  bench/run.py --rounds 1 --only vm,sort --engines weft-interp,wasm3
  bench/run.py --no-simd --json now.json --markdown now.md
  bench/run.py --startup --python python.wasm --rounds 20
"""


# ---- Running one process -----------------------------------------------------------------------------------


@dataclass
class Sample:
    """One run: CPU and wall seconds, what it printed, and what went wrong (empty: nothing)."""

    cpu: float
    wall: float
    output: bytes
    error: str


def measure(command, timeout, driver=False):
    """Runs `command` (a list of strings) and returns a Sample. With `driver`, the command is one of the
    drivers in peers/ and the times are those that it took around the WebAssembly run, not those of the
    process."""
    temporary = tempfile.TemporaryFile
    with temporary() as out, temporary() as err, tempfile.NamedTemporaryFile() as times:
        environment = {**os.environ, "BENCH_TIMES": times.name} if driver else None
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        timed_out = threading.Event()

        def stop():
            timed_out.set()
            os.kill(process.pid, signal.SIGKILL)

        timer = threading.Timer(timeout, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        error = ""
        if timed_out.is_set():
            error = f"stopped after {timeout:g} s"
        elif process.returncode != 0:
            last_lines = err.read().decode(errors="replace").strip().splitlines()[-1:]
            error = f"exit code {process.returncode}: {' '.join(last_lines)[:200]}"
        cpu = usage.ru_utime + usage.ru_stime
        if driver and not error:
            cpu, wall = map(float, times.read().split())
        return Sample(cpu, wall, out.read(), error)


# ---- Engines -----------------------------------------------------------------------------------------------


@dataclass
class Engine:
    """One engine of the comparison. `prefix` + [program file, arguments...] is a command line; `host` is the
    command that starts the surrounding process only, for engines that run under a driver of peers/;
    `any_program` says that every program must run on it; `simd` is found out otherwise."""

    name: str
    prefix: list
    version: str = ""
    host: list = field(default_factory=list)
    any_program: bool = False
    simd: bool = True

    def command(self, programs, program, arguments=()):
        """The command line for the program called `program` in the build directory `programs`."""
        if self.name == "native":
            return [str(programs / "native" / program), *arguments]
        return [*self.prefix, str(programs / f"{program}.wasm"), *arguments]


def first_line(command):
    """The first line that a --version command prints, or nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else ""


def find_program(variable, name):
    """The file that the environment variable names, else the program on PATH, else None."""
    return shutil.which(os.environ.get(variable) or name)


def find_weft(given):
    """The weft command: the given one, this checkout's release build, or the one on PATH."""
    if given:
        return shutil.which(given)
    built = [ROOT / "build" / "release" / place / "weft" for place in ("bin", "cli")]
    return next((str(file) for file in built if os.access(file, os.X_OK)), shutil.which("weft"))


def weft_engines(given):
    weft = find_weft(given)
    version = first_line([weft, "--version"]) if weft else ""
    return [
        Engine(f"weft-{tier}", [weft, "run", "--engine", tier] if weft else [], version, any_program=True)
        for tier in ("interp", "jit")
    ]


def small_engines():
    """The interpreters that are a command of their own."""
    engines = []
    for name, variable in (("wasm3", "WASM3"), ("iwasm", "IWASM")):
        file = find_program(variable, name)
        engines.append(Engine(name, [file] if file else [], first_line([file, "--version"]) if file else ""))
    return engines


def wasmtime_engines():
    there = importlib.util.find_spec("wasmtime") is not None
    version = f"wasmtime {importlib.metadata.version('wasmtime')}" if there else ""
    driver = [sys.executable, str(HERE / "peers" / "wasmtime_run.py")]
    return [
        Engine(name, [*driver, name] if there else [], version, host=[*driver, name])
        for name in ("cranelift", "winch")
    ]


def v8_engines():
    node = find_program("NODE", "node")
    version = first_line([node, "-p", "`node ${process.version}, V8 ${process.versions.v8}`"]) if node else ""
    flags = {
        "v8": [],
        "v8-liftoff": ["--liftoff-only", "--no-wasm-lazy-compilation"],
        "v8-turbofan": ["--no-liftoff", "--no-wasm-lazy-compilation"],
    }
    engines = []
    for name, options in flags.items():
        command = [node, *options, "--no-warnings", str(HERE / "peers" / "node_run.mjs")]
        engines.append(Engine(name, command if node else [], version, host=command))
    return engines


def all_engines(weft):
    """Every engine this script knows, present (with a prefix) or not, in the order of the table's columns."""
    native = Engine("native", ["native"], "the host's compiler", any_program=True)
    return [native, *weft_engines(weft), *small_engines(), *wasmtime_engines(), *v8_engines()]


def usable(engine, programs):
    """Whether the engine is there and runs hello.wasm; says on stderr why not. Finds out whether a peer does
    SIMD."""
    if not engine.prefix:
        say(f"{engine.name}: not found, left out")
        return False
    hello = measure(engine.command(programs, "hello"), 60)
    if hello.error or hello.output != b"hello, world\n":
        say(f"{engine.name}: does not run hello.wasm ({hello.error or 'wrong output'}), left out")
        return False
    if not engine.any_program:
        engine.simd = not measure(engine.command(programs, "simd_chacha", ["0"]), 60).error
    return True


# ---- The comparison ----------------------------------------------------------------------------------------


@dataclass
class Cell:
    """One program on one engine: CPU and wall seconds of every run with size 0 and with the default size."""

    empty_cpu: list = field(default_factory=list)
    empty_wall: list = field(default_factory=list)
    full_cpu: list = field(default_factory=list)
    full_wall: list = field(default_factory=list)
    error: str = ""

    def seconds(self, kind="cpu"):
        """The median run time with the median start-up taken off; None where there is no sound figure."""
        full, empty = getattr(self, f"full_{kind}"), getattr(self, f"empty_{kind}")
        if self.error or not full:
            return None
        return max(statistics.median(full) - statistics.median(empty), 0.0)


def compare(engines, names, programs, rounds, timeout):
    """Runs everything; returns {program: {engine: Cell}}, without the cells of SIMD programs on engines that
    have no SIMD."""
    cells = {
        name: {e.name: Cell() for e in engines if e.simd or not name.startswith("simd_")} for name in names
    }
    native = Engine("native", ["native"])
    expected = {}
    for name in names:
        runs = [measure(native.command(programs, name, size), timeout) for size in (["0"], [])]
        broken = next((run.error for run in runs if run.error), "")
        if broken:
            sys.exit(f"bench/run.py: the native build of {name} fails: {broken}")
        expected[name] = [run.output for run in runs]
    for turn in range(rounds):
        for name in names:
            for engine in engines:
                if engine.name in cells[name]:
                    add_runs(cells[name][engine.name], engine, name, programs, expected[name], timeout)
            say(f"round {turn + 1}/{rounds} {name:12} " + " ".join(progress(cells[name])))
    return cells


def add_runs(cell, engine, name, programs, expected, timeout):
    """One run with size 0 and one with the default size, into `cell`; none any more after a failure."""
    for kind, arguments, output in zip(("empty", "full"), (["0"], []), expected):
        if cell.error:
            return
        command = engine.command(programs, name, arguments)
        sample = measure(command, timeout, driver=bool(engine.host))
        if sample.error:
            cell.error = sample.error
        elif sample.output != output:
            cell.error = f"printed {sample.output[:80]!r} where native printed {output[:80]!r}"
        if cell.error:
            say(f"FAILURE: {name} on {engine.name}: {cell.error}")
        getattr(cell, f"{kind}_cpu").append(sample.cpu)
        getattr(cell, f"{kind}_wall").append(sample.wall)


def progress(row):
    for engine, cell in row.items():
        yield f"{engine}={'failed' if cell.error else format(cell.full_cpu[-1] - cell.empty_cpu[-1], '.2f')}"


def ratio(row, engine, base):
    """How long the engine takes for a program where the base takes 1; None where one has no figure."""
    cell, reference = row.get(engine), row.get(base)
    mine, theirs = cell and cell.seconds(), reference and reference.seconds()
    return mine / theirs if mine and theirs else None


def geometric_mean(cells, engine, base):
    """(mean ratio to the base, number of programs in it); the mean is None without programs."""
    ratios = [r for r in (ratio(row, engine, base) for row in cells.values()) if r]
    return (math.exp(statistics.fmean(map(math.log, ratios))) if ratios else None), len(ratios)


# ---- Reports -----------------------------------------------------------------------------------------------


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    """Processor, count of logical processors, and kernel, in one line."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{model}, {os.cpu_count()} logical processors, {platform.system()} {platform.release()}"


def table(head, rows):
    """A markdown table, first column to the left, the others to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell_text(row, engine, base):
    cell = row.get(engine)
    if cell is None:
        return "–"
    seconds = cell.seconds()
    if seconds is None:
        return "**failed**"
    relative = ratio(row, engine, base)
    return f"{seconds:.3f}" + (f" ({relative:.2f})" if relative is not None else "")


def comparison_report(engines, cells, base, rounds):
    names = [e.name for e in engines]
    rows = [[name] + [cell_text(row, engine, base) for engine in names] for name, row in cells.items()]
    means = []
    for engine in names:
        mean, count = geometric_mean(cells, engine, base)
        means.append("–" if mean is None else f"**{mean:.3f}** of {count}")
    rows.append([f"geometric mean, {base} = 1"] + means)
    return "\n".join(
        [
            f"CPU seconds with start-up taken off, median of {rounds} interleaved rounds; in brackets the "
            f"ratio to {base} (less is faster). {machine()}.",
            "",
            table(["program"] + names, rows),
            "",
            *(f"- {e.name}: {e.version}" for e in engines if e.version),
            "",
        ]
    )


def comparison_json(engines, cells, base, rounds):
    programs = {
        name: {
            engine: {**asdict(cell), "cpu": cell.seconds("cpu"), "wall": cell.seconds("wall"),
                     "ratio": ratio(row, engine, base)}
            for engine, cell in row.items()
        }
        for name, row in cells.items()
    }
    means = {e.name: geometric_mean(cells, e.name, base)[0] for e in engines}
    return {"machine": machine(), "rounds": rounds, "base": base, "programs": programs,
            "engines": {e.name: e.version for e in engines}, "geometric_means": means}


# ---- Start-up ----------------------------------------------------------------------------------------------


def startup(engines, programs, python, rounds, timeout):
    """Times hello.wasm, the host process and, if given, a Python interpreter in WebAssembly, in turns.
    Returns {engine: {column: {"command": [...], "cpu": [...], "wall": [...], "error": text}}}."""
    figures = {}
    for engine in engines:
        columns = {"hello": engine.command(programs, "hello")}
        if engine.host:
            columns["host"] = engine.host
        if python and engine.name != "native":
            columns["python"] = [*engine.prefix, python, "-c", "pass"]
        figures[engine.name] = {
            column: {"command": command, "cpu": [], "wall": [], "error": ""}
            for column, command in columns.items()
        }
    for turn in range(rounds):
        for engine, columns in figures.items():
            for column, figure in columns.items():
                if figure["error"]:
                    continue
                sample = measure(figure["command"], timeout)
                figure["cpu"].append(sample.cpu)
                figure["wall"].append(sample.wall)
                figure["error"] = sample.error
                if sample.error:
                    say(f"FAILURE: {column} on {engine}: {sample.error}")
        say(f"round {turn + 1}/{rounds}")
    return figures


def startup_report(figures, rounds, with_python):
    columns = ["hello", "host"] + (["python"] if with_python else [])

    def text(figure):
        if figure is None:
            return "–"
        if figure["error"]:
            return "**failed**"
        wall, cpu = (1000 * statistics.median(figure[kind]) for kind in ("wall", "cpu"))
        return f"{wall:.1f} ({cpu:.1f})"

    rows = [[engine] + [text(found.get(column)) for column in columns] for engine, found in figures.items()]
    note = f"Milliseconds from exec to exit, wall (CPU), median of {rounds} interleaved runs. {machine()}."
    return "\n".join([note, "", table(["engine"] + columns, rows), ""])


# ---- Command line ------------------------------------------------------------------------------------------


def name_list(text):
    return [name for name in text.split(",") if name]


def parse_arguments():
    summary, _, details = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=EXAMPLES + "\n" + details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engines", type=name_list, metavar="A,B",
                        help="only these engines, all of which must be there")
    parser.add_argument("--only", type=name_list, metavar="PROG,PROG", help="only these programs")
    parser.add_argument("--simd", action=argparse.BooleanOptionalAction, default=True,
                        help="the simd_* programs too (default)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (default 5; 20 with --startup)")
    parser.add_argument("--base", metavar="ENGINE",
                        help=f"engine that counts as 1 (default {DEFAULT_BASE}, else the first engine)")
    parser.add_argument("--weft", metavar="FILE", help="the weft command to measure")
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
                        help="where bench/build.sh put the programs (default build/bench)")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="per run (default 120)")
    parser.add_argument("--startup", action="store_true", help="time start-up instead of run time")
    parser.add_argument("--python", metavar="FILE",
                        help="with --startup: a Python interpreter as a WASI command")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample and result here")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here too")
    options = parser.parse_args()
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.python and not options.startup:
        parser.error("--python goes with --startup")
    return parser, options


def choose_engines(parser, options):
    """The engines to run: all that are usable, or exactly those asked for."""
    engines = all_engines(options.weft)
    known = [e.name for e in engines]
    unknown = [name for name in options.engines or [] if name not in known]
    if unknown:
        parser.error(f"no engine '{unknown[0]}'; there are {', '.join(known)}")
    wanted = [e for e in engines if options.engines is None or e.name in options.engines]
    chosen = [e for e in wanted if usable(e, options.programs)]
    if not chosen or (options.engines and len(chosen) < len(wanted)):
        parser.error("an engine that was asked for cannot be used" if chosen else "no engine can be used")
    without_simd = [e.name for e in chosen if not e.simd]
    if options.simd and without_simd and not options.startup:
        say(f"no SIMD: {', '.join(without_simd)}")
    return chosen


def choose_programs(parser, options):
    known = sorted(file.stem for file in options.programs.glob("*.wasm") if file.stem != "hello")
    known.sort(key=lambda name: name.startswith("simd_"))
    if not known:
        parser.error(f"no programs in {options.programs}: run bench/build.sh first")
    unknown = [name for name in options.only or [] if name not in known]
    if unknown:
        parser.error(f"no program '{unknown[0]}'; there are {', '.join(known)}")
    chosen = [name for name in known if not options.only or name in options.only]
    chosen = [name for name in chosen if options.simd or not name.startswith("simd_")]
    if not chosen:
        parser.error("--no-simd leaves none of the programs asked for")
    return chosen


def choose_base(parser, options, engines):
    names = [e.name for e in engines]
    if options.base and options.base not in names:
        parser.error(f"the base '{options.base}' is not among the engines ({', '.join(names)})")
    return options.base or (DEFAULT_BASE if DEFAULT_BASE in names else names[0])


def main():
    parser, options = parse_arguments()
    names = choose_programs(parser, options)
    engines = choose_engines(parser, options)
    if options.startup:
        rounds = options.rounds or 20
        figures = startup(engines, options.programs, options.python, rounds, options.timeout)
        report = startup_report(figures, rounds, options.python)
        data = {"machine": machine(), "rounds": rounds, "startup": figures}
        failed = any(figure["error"] for columns in figures.values() for figure in columns.values())
    else:
        rounds = options.rounds or 5
        base = choose_base(parser, options, engines)
        cells = compare(engines, names, options.programs, rounds, options.timeout)
        report = comparison_report(engines, cells, base, rounds)
        data = comparison_json(engines, cells, base, rounds)
        failed = any(cell.error for row in cells.values() for cell in row.values())
    print(report)
    if options.markdown:
        options.markdown.write_text(report)
    if options.json:
        options.json.write_text(json.dumps(data, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
