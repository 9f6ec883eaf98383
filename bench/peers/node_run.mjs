// Runs one WASI command in node's V8. Which compiler is used is node's business: --liftoff-only and the like.
//
// Usage: node [V8 flags] --no-warnings node_run.mjs [FILE.wasm [ARG...]]
//
// Standard streams are inherited and the exit code is the command's. Without FILE it only loads what the run
// would need: what the host costs before any WebAssembly. If BENCH_TIMES names a file, the CPU and the wall
// seconds that the command took, without compilation ahead of it and instantiation, are written there.
import { readFileSync, writeFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [path, ...args] = process.argv.slice(2);
if (path !== undefined) {
  const wasi = new WASI({ version: "preview1", args: [path, ...args], env: {}, returnOnExit: true });
  const module = new WebAssembly.Module(readFileSync(path));
  const instance = new WebAssembly.Instance(module, wasi.getImportObject());
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  process.exitCode = wasi.start(instance);
  const wall = (performance.now() - wallBefore) / 1e3;
  const { user, system } = process.cpuUsage(cpuBefore);
  if (process.env.BENCH_TIMES) writeFileSync(process.env.BENCH_TIMES, `${(user + system) / 1e6} ${wall}\n`);
}
