#!/usr/bin/env python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a manual page out of a template and of what the program itself says about its options.

Usage: make-manual.py TEMPLATE OUTPUT VERSION PROGRAM

The template's placeholders stand on lines of their own: @COMMANDS@ becomes every command with its options, and any other name the
part of `PROGRAM --help` under a heading of that name. So a manual cannot say anything else than --help does.
"""

import os
import re
import subprocess
import sys

ROW = re.compile(r"^ +(\S.*?)(?: {2,}(\S.*))?$")


def ask(program, *arguments):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="", ASAN_OPTIONS="detect_leaks=0")
    answer = subprocess.run([program, *arguments, "--help"], env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, check=True, text=True, encoding="utf-8", timeout=60)
    return answer.stdout


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + text if text.startswith((".", "'")) else text


def sections(text):
    """The help as {heading: [lines]}; what stands under no heading is under ''."""
    found = {"": []}
    heading = ""
    for line in text.splitlines():
        match = re.match(r"^(\w[^:]*):(.*)$", line)
        if match and (not match[2] or match[1] in ("Usage",)):
            heading = match[1]
            found[heading] = [match[2]] if match[2].strip() else []
        elif re.match(r"^Faults\b", line):
            heading = "Faults"
            found[heading] = [line]
        elif line and not line.startswith(" ") and heading not in ("", "Faults"):
            heading = ""
            found[""].append(line)
        else:
            found[heading].append(line)
    return found


def rows(lines):
    """Roff for lines of “name  meaning”; lines that are not indented are text."""
    for line in lines:
        match = ROW.match(line)
        if match:
            yield ".TP"
            yield ".B " + escape(match[1])
            yield escape(match[2] or "")
        elif line.strip():
            yield ".PP"
            yield escape(line.strip())


def paragraphs(lines):
    text = "\n".join(lines).strip()
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        if number:
            yield ".PP"
        for line in paragraph.splitlines():
            yield escape(line.strip())


def commands(program, overview):
    for line in overview["Commands"]:
        match = ROW.match(line)
        if not match or match[1].startswith("-"):
            continue
        name = match[1].split()[0]
        details = sections(ask(program, name))
        usage = " ".join(" ".join(details["Usage"]).split())
        yield ".SS " + escape(usage)
        yield from paragraphs(details[""])
        yield from rows(details["Options"])


def main():
    template, output, version, program = sys.argv[1:]
    overview = sections(ask(program))
    page = []
    with open(template, encoding="utf-8") as lines:
        for line in lines.read().splitlines():
            placeholder = re.fullmatch(r"@([A-Z ]+)@", line)
            if not placeholder:
                page.append(line.replace("@VERSION@", version))
            elif placeholder[1] == "COMMANDS":
                page.extend(commands(program, overview))
            elif placeholder[1] == "OUTPUT":
                page.extend(paragraphs(overview[""]))
            elif placeholder[1] == "OPTIONS":
                for heading in ("Options", "Help Options", "Application Options"):
                    page.extend(rows(overview.get(heading, [])))
            else:
                page.extend(rows(overview[placeholder[1].capitalize()]))
    with open(output, "w", encoding="utf-8") as result:
        result.write("\n".join(line for line in page if line) + "\n")


main()
