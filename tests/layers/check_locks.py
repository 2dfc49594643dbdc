#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the lock annotations of server/: clang 14 with -fsyntax-only -Wthread-safety, which g++ ignores.

    check_locks.py BUILD [FILE…]     BUILD holds compile_commands.json; without FILE, every source of
                                     server/ that a mutex or an annotation can reach
Prints what clang says and exits 1 when a guarded member is touched without its lock.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

CLANG = "clang++-14"
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
# Without one of these in what it includes, a file has nothing for the analysis to judge.
LOCKS = re.compile(r"absl/synchronization/|absl/base/thread_annotations\.h|\babsl::Mutex\b")


def reaches_locks(path, root, known):
    """Whether path or a header of server/ that it includes, at any depth, has to do with locks."""
    if path in known:
        return known[path]
    known[path] = False  # ends cycles; include guards make them harmless
    with open(path, encoding="utf-8") as file:
        text = file.read()
    headers = (os.path.join(root, "server", name) for name in INCLUDE.findall(text))
    known[path] = bool(LOCKS.search(text)) or any(
        [reaches_locks(header, root, known) for header in headers if os.path.exists(header)])
    return known[path]


def clang_command(entry):
    """g++'s compile command as one of clang that only looks, with no other warning than of locks."""
    words = shlex.split(entry["command"])
    while os.path.basename(words[0]) in ("ccache", "env"):
        del words[0]
    kept, skip = [], False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-o", "-MT", "-MF", "-MQ"):
            skip = True
        elif not word.startswith("-W") and word not in ("-c", "-MD", "-MMD"):
            kept.append(word)
    return [CLANG, "-fsyntax-only", "-Wno-everything", "-Wthread-safety", "-Werror", *kept]


def check(entry):
    return subprocess.run(clang_command(entry), cwd=entry["directory"], check=False,
                          capture_output=True, text=True)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(sys.argv[1], "compile_commands.json"), encoding="utf-8") as file:
        entries = {os.path.realpath(os.path.join(e["directory"], e["file"])): e for e in json.load(file)}
    wanted = [os.path.realpath(name) for name in sys.argv[2:]]
    if not wanted:
        known = {}
        server = os.path.realpath(os.path.join(root, "server")) + os.sep
        wanted = sorted(name for name in entries
                        if name.startswith(server) and reaches_locks(name, root, known))
    unknown = [name for name in wanted if name not in entries]
    if unknown or not wanted:
        print(f"not in compile_commands.json: {', '.join(unknown) or 'any source with locks'}")
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done in zip(wanted, pool.map(check, [entries[name] for name in wanted])):
            if done.returncode != 0:
                failed += 1
                print(f"{os.path.relpath(name, root)}:\n{done.stdout}{done.stderr}")
    print(f"{len(wanted)} files checked, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
