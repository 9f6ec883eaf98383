"""CPython under Weft: a real program that uses most of WASI."""

import hashlib
import os
import pathlib
import tempfile
import unittest

from harness import run_script, weft

PYTHON = run_script("python-wasm")


def python(code, *options, stdin=b"", timeout=60):
    return weft("run", *options, PYTHON, "-c", code, stdin=stdin, timeout=timeout)


class PythonTest(unittest.TestCase):
    def check(self, done, output, status=0):
        self.assertEqual((done.returncode, done.stdout.decode()), (status, output), done.stderr.decode())

    def test_arithmetic(self):
        self.check(python("print(sum(i*i for i in range(10**5)))"), "333328333350000\n")

    def test_library(self):
        self.check(python("import json; print(json.dumps({'a': [1, 2.5, None, 'ä']}))"), '{"a": [1, 2.5, null, "\\u00e4"]}\n')
        self.check(python("import hashlib; print(hashlib.sha256(b'weft').hexdigest())"),
                   hashlib.sha256(b"weft").hexdigest() + "\n")

    def test_standard_input(self):
        self.check(python("import sys; print(sys.stdin.read().upper(), end='')", stdin=b"some\nlines\n"), "SOME\nLINES\n")

    def test_environment(self):
        self.check(python("import os; print(os.environ['MODE'])", "--env", "MODE=fast"), "fast\n")
        os.environ["WEFT_TEST_HANDED_ON"] = "yes"
        self.check(python("import os; print(os.environ.get('WEFT_TEST_HANDED_ON'), os.environ.get('HOME'))",
                          "--env", "WEFT_TEST_HANDED_ON"), "yes None\n")

    def test_exit_code(self):
        self.check(python("import sys; sys.exit(7)"), "", 7)

    def test_clock_and_sleep(self):
        self.check(python("import time; a = time.monotonic(); time.sleep(0.05); print(0.05 <= time.monotonic() - a < 5,"
                          "time.time() > 1.7e9)"), "True True\n")

    def test_files_below_a_preopen(self):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "in.txt").write_text("from the host\n")
            code = """
import os
print(open('/data/in.txt').read(), end='')
os.makedirs('/data/a/b')
with open('/data/a/b/out.txt', 'w') as f: f.write('line\\n' * 1000)
os.rename('/data/a/b/out.txt', '/data/a/out.txt')
print(sorted(os.listdir('/data/a')), os.stat('/data/a/out.txt').st_size)
with open('/data/a/out.txt', 'r+') as f:
    f.seek(5); f.write('LINE'); f.truncate(20)
print(repr(open('/data/a/out.txt').read()))
for root, dirs, files in sorted(os.walk('/data')): print(root, sorted(dirs), sorted(files))
os.remove('/data/a/out.txt'); os.rmdir('/data/a/b')
"""
            self.check(python(code, "--dir", f"{directory}::/data"),
                       "from the host\n['b', 'out.txt'] 5000\n'line\\nLINE\\nline\\nline\\n'\n"
                       "/data ['a'] ['in.txt']\n/data/a ['b'] ['out.txt']\n/data/a/b [] []\n")
            self.assertEqual(sorted(os.listdir(directory)), ["a", "in.txt"])
            self.assertEqual(os.listdir(os.path.join(directory, "a")), [])

    def test_nothing_outside_of_preopens(self):
        attempt = ("try:\n    open(PATH)\n    print('opened')\nexcept OSError as error:\n    print('refused')\n")
        self.check(python(attempt.replace("PATH", "'/etc/passwd'")), "refused\n")
        with tempfile.TemporaryDirectory() as directory:
            os.symlink("/etc/passwd", os.path.join(directory, "absolute"))
            os.symlink("../../../../../../etc/passwd", os.path.join(directory, "relative"))
            for path in ("/data/../etc/passwd", "/data/absolute", "/data/relative", "../etc/passwd"):
                self.check(python(attempt.replace("PATH", repr(path)), "--dir", f"{directory}::/data"), "refused\n")


if __name__ == "__main__":
    unittest.main()
