"""The weft command: what it accepts, what it says when it cannot, and its exit codes."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import weft


def section(number, contents):
    return bytes([number, len(contents)]) + contents


HEADER = b"\0asm\1\0\0\0"
# (func $deep (export "deep") (call $deep))
DEEP = (HEADER + section(1, b"\1\x60\0\0") + section(3, b"\1\0") + section(7, b"\1\4deep\0\0")
        + section(10, b"\1\4\0\x10\0\x0b") + section(0, b"\4name\1\7\1\0\4deep"))
# (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
ADD = (HEADER + section(1, b"\1\x60\2\x7f\x7f\1\x7f") + section(3, b"\1\0") + section(7, b"\1\3add\0\0")
       + section(10, b"\1\7\0\x20\0\x20\1\x6a\x0b"))
# (func (export "add") (result i32) (i64.const 0)): not valid
INVALID = (HEADER + section(1, b"\1\x60\0\1\x7f") + section(3, b"\1\0") + section(7, b"\1\3add\0\0")
           + section(10, b"\1\4\0\x42\0\x0b"))


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def file(self, name, contents):
        path = pathlib.Path(self.directory.name, name)
        path.write_bytes(contents)
        return str(path)

    def check(self, done, status, error):
        self.assertEqual(done.returncode, status, done.stderr)
        lines = done.stderr.decode().splitlines()
        self.assertTrue(lines and error in lines[0], (error, lines[:3]))
        return lines

    def test_invoke_prints_typed_results(self):
        done = weft("run", "--invoke", "add", self.file("add.wasm", ADD), "40", "-0x2")
        self.assertEqual((done.returncode, done.stdout), (0, b"i32:38\n"))
        done = weft("--invoke", "add", self.file("add.wasm", ADD), "4294967295", "2")
        self.assertEqual((done.returncode, done.stdout), (0, b"i32:1\n"))

    def test_wrong_usage(self):
        add = self.file("add.wasm", ADD)
        self.check(weft("run"), 2, "run needs a FILE")
        self.check(weft("run", "--bogus", add), 2, "unknown option --bogus")
        self.check(weft("run", "--invoke", "add", add, "1"), 2, "was given 1 arguments")
        self.check(weft("run", "--invoke", "add", add, "1", "x"), 2, "'x' is no value of type i32")
        self.check(weft("run", "--invoke", "sub", add), 2, 'no function "sub"')
        self.check(weft("run", add), 2, "--invoke")
        self.check(weft("validate", "--wasm", "gcc=off", add), 2, "no feature 'gcc'")

    def test_files_that_are_no_modules(self):
        for name, contents, error in [("empty", b"", "is empty"), ("text", b"hello there", "magic header not detected"),
                                      ("short", b"\0as", "unexpected end"), ("version", b"\0asm\x0d\0\1\0", "unknown binary version")]:
            lines = self.check(weft("run", self.file(name, contents)), 1, error)
            self.assertEqual(len(lines), 1)
        self.check(weft("run", "/nonexistent/file"), 1, "No such file or directory")
        self.check(weft("run", self.directory.name), 1, "is a directory")
        self.check(weft("run", "/dev/zero"), 1, "is no regular file")
        fifo = os.path.join(self.directory.name, "fifo")
        os.mkfifo(fifo)
        self.check(weft("run", fifo, timeout=5), 1, "is no regular file")

    def test_errors_say_where(self):
        lines = self.check(weft("run", self.file("invalid.wasm", INVALID)), 1, "type mismatch")
        self.assertIn("function 0", lines[0])
        self.assertIn("offset 0x", lines[0])
        self.assertIn("section code", lines[0])
        self.assertEqual(weft("validate", self.file("add.wasm", ADD)).returncode, 0)
        self.check(weft("validate", self.file("add.wasm", ADD), self.file("invalid.wasm", INVALID)), 1, "expected i32, found i64")

    def test_deep_recursion_traps_with_a_backtrace(self):
        done = weft("run", "--invoke", "deep", self.file("deep.wasm", DEEP), timeout=10)
        lines = self.check(done, 134, "trap: call stack exhausted")
        self.assertIn('0: function 0 "deep" at offset', lines[1])
        self.assertIn("more frames", lines[-1])

    def test_limits(self):
        done = weft("run", "--invoke", "deep", "--max-stack", "64K", self.file("deep.wasm", DEEP))
        lines = self.check(done, 134, "call stack exhausted")
        self.assertLess(int(lines[-1].split()[1]), 5000)

    def test_preload(self):
        # (import "lib" "add" (func (param i32 i32) (result i32))) (export "plus" (func 0))
        user = (HEADER + section(1, b"\1\x60\2\x7f\x7f\1\x7f") + section(2, b"\1\3lib\3add\0\0")
                + section(7, b"\1\4plus\0\0"))
        library = self.file("add.wasm", ADD)
        done = weft("run", "--preload", f"lib={library}", "--invoke", "plus", self.file("user.wasm", user), "1", "2")
        self.assertEqual((done.returncode, done.stdout), (0, b"i32:3\n"), done.stderr)
        self.check(weft("run", "--invoke", "plus", self.file("user.wasm", user), "1", "2"), 1, "unknown import")

    def test_help_and_version(self):
        for words in (["--help"], ["run", "--help"], ["validate", "--help"]):
            done = weft(*words)
            self.assertEqual(done.returncode, 0)
            self.assertIn(b"Example", done.stdout)
        self.assertRegex(weft("--version").stdout, rb"^weft \d+\.\d+")

    def test_module_from_standard_input(self):
        done = weft("run", "--invoke", "add", "-", "1", "2", stdin=ADD)
        self.assertEqual((done.returncode, done.stdout), (0, b"i32:3\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
