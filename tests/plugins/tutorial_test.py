# SPDX-License-Identifier: Apache-2.0

"""Follows plugins/tutorial_travel/README.md step by step, outside the tree.

Blocks with file=NAME become files, sh blocks are run in order, and an output block must be exactly what the
sh block before it printed. A block marked "fails" must end with a non-zero status. Nothing else is done: what
the page forgets to say makes this test fail.
"""

import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    readme, sdk, programs = sys.argv[1:4]
    with open(readme, encoding="utf-8") as page:
        blocks = BLOCK.findall(page.read())
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8",
                   "TANDEM_SDK": os.path.abspath(sdk), "TANDEM_BIN": os.path.abspath(programs)}
    printed, steps, compared = "", 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, options, text in blocks:
            name = re.search(r"file=(\S+)", options)
            if name:
                with open(os.path.join(folder, name.group(1)), "w", encoding="utf-8") as out:
                    out.write(text)
            elif kind == "sh":
                steps += 1
                run = subprocess.run(["sh", "-e", "-c", text], cwd=folder, env=environment, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                printed = run.stdout
                if (run.returncode != 0) != ("fails" in options):
                    sys.exit(f"exit status {run.returncode} of:\n{text}\n{printed}")
            elif kind == "output":
                compared += 1
                if printed != text:
                    sys.exit(f"the page shows:\n{text}\nbut this was printed:\n{printed}")
            else:
                sys.exit(f"a {kind} block that is neither a file nor a command")
    if steps < 4 or compared < 4:
        sys.exit(f"only {steps} commands and {compared} outputs found: the page or its format changed")


main()
