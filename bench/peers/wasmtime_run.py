#!/usr/bin/env python3
"""Runs one WASI command in Wasmtime through its Python package (pip install wasmtime).

Usage: wasmtime_run.py STRATEGY [FILE.wasm [ARG...]]

STRATEGY is cranelift (the optimizing compiler) or winch (the baseline compiler). Standard streams are
inherited and the exit code is the command's. Without FILE it only loads Wasmtime: what the host costs
before any WebAssembly. If BENCH_TIMES names a file, the CPU and the wall seconds that the command took,
without compilation and instantiation, are written there.
"""
import os
import sys
import time

import wasmtime

# The values of the C API's wasmtime_strategy_enum. The package's own setter knows no name for Winch.
STRATEGIES = {"cranelift": 1, "winch": 2}


def make_engine(strategy):
    config = wasmtime.Config()
    wasmtime._ffi.wasmtime_config_strategy_set(config.ptr(), STRATEGIES[strategy])
    return wasmtime.Engine(config)


def run(engine, path, arguments):
    """Runs the command and returns its exit code."""
    wasi = wasmtime.WasiConfig()
    wasi.argv = [path, *arguments]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, path))
    command = instance.exports(store)["_start"]
    code, cpu, wall = 0, time.process_time(), time.perf_counter()
    try:
        command(store)
    except wasmtime.ExitTrap as exit_trap:
        code = exit_trap.code
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if "BENCH_TIMES" in os.environ:
        with open(os.environ["BENCH_TIMES"], "w", encoding="ascii") as times:
            times.write(f"{cpu} {wall}\n")
    return code


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in STRATEGIES:
        sys.exit(__doc__)
    engine = make_engine(sys.argv[1])
    if len(sys.argv) > 2:
        sys.exit(run(engine, sys.argv[2], sys.argv[3:]))
