#!/bin/sh
# Builds the benchmark programs twice: as WASI commands (OUT/<name>.wasm) and natively (OUT/native/<name>),
# with whose output every engine's is compared. A program is built again only when its source, bench.h or
# this script is newer.
#
# Usage: bench/build.sh [OUT]        OUT defaults to build/bench beside the bench folder
# Environment: CLANG (default clang-19), WASI_SYSROOT (default /usr, where Debian's wasi-libc lives)
#
# WebAssembly features: those that today's toolchains have on by default and every peer implements (sign
# extension, bulk memory, saturating conversions); simd_*.c also use SIMD. Floating-point contraction is
# off, so that native results are the same to the last bit. Linking is a step without -O, because with it
# clang runs wasm-opt where that is installed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../build/bench}
clang=${CLANG:-clang-19}
sysroot=${WASI_SYSROOT:-/usr}
common='-std=c11 -O2 -ffp-contract=off -Wall -Wextra -Werror -Wno-missing-braces'
wasm="--target=wasm32-wasi --sysroot=$sysroot"
features='-msign-ext -mbulk-memory -mnontrapping-fptoint'

fail() {
  echo "bench/build.sh: $1" >&2
  echo "On Debian 12: apt install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32" >&2
  exit 1
}

command -v "$clang" >/dev/null || fail "no compiler '$clang' (set CLANG)"
[ -f "$sysroot/lib/wasm32-wasi/libc.a" ] || fail "no wasi-libc in '$sysroot' (set WASI_SYSROOT)"
$clang $wasm -print-prog-name=wasm-ld | grep -q / || fail "'$clang' finds no wasm-ld"
[ -f "$($clang $wasm -print-libgcc-file-name)" ] || fail "'$clang' has no builtins library for wasm32-wasi"

mkdir -p "$out/native"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
built=0

# newer FILE SOURCE: whether FILE is up to date with SOURCE, the shared header and this script.
newer() {
  [ -f "$1" ] && [ "$1" -nt "$2" ] && [ "$1" -nt "$here/programs/bench.h" ] && [ "$1" -nt "$here/build.sh" ]
}

for source in "$here"/programs/*.c; do
  name=$(basename "$source" .c)
  simd=
  case $name in simd_*) simd=-msimd128 ;; esac
  if ! newer "$out/$name.wasm" "$source"; then
    $clang $wasm $common $features $simd -c "$source" -o "$work/$name.o"
    $clang $wasm -Wl,--strip-debug "$work/$name.o" -o "$work/$name.wasm"
    mv "$work/$name.wasm" "$out/$name.wasm"
    built=$((built + 1))
  fi
  if ! newer "$out/native/$name" "$source"; then
    $clang $common "$source" -o "$work/$name" -lm
    mv "$work/$name" "$out/native/$name"
    built=$((built + 1))
  fi
done
echo "bench: $built files built in $out"
