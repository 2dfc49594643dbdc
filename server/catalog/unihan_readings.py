#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the table of pinyin readings that text_pinyin.cc includes.

    unihan_readings.py Unihan_Readings.txt[.bz2] OUT

ICU's transliterator knows one reading a character, which loses 重庆 (chong), 西藏 (zang) and 厦门 (xia). The
Unicode Character Database lists all of them. A character's readings are those of kHanyuPinlu (with frequencies),
kTGHZ2013 and kXHC1983 (two dictionaries of the standard language), without tones; characters in none of the three
have the reading of kMandarin. ü is written both v and u, as people type it.
"""
import bz2
import re
import sys
import unicodedata

FIRST, LAST = 0x3400, 0x9FFF
MOST_READINGS = 4
# kXHC1983 gives 市 (city) a reading of its look-alike 巿 (U+5DFF), which would stand in every city's name.
NOT_READINGS = {(0x5E02, "fu")}
# Interjections that are no syllables of names, and would make every text pinyin.
NO_SYLLABLES = {"m", "n", "ng", "hm", "hng", "r"}


def toneless(reading):
    """`reading` as people type it: one or two spellings, none when it is no syllable."""
    letters = []
    for mark in unicodedata.normalize("NFD", reading):
        if mark == "\u0308" and letters and letters[-1] == "u":
            letters[-1] = "v"
        elif not unicodedata.combining(mark):
            letters.append(mark)
        elif mark == "\u0302":
            return []
    text = "".join(letters)
    if not re.fullmatch("[a-z]+", text) or text in NO_SYLLABLES:
        return []
    return [text, text.replace("v", "u")] if "v" in text else [text]


def readings(path):
    """Code point → its readings, the commonest first."""
    fields = {}
    opener = bz2.open if path.endswith(".bz2") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("U+"):
                continue
            point, field, value = line.rstrip("\n").split("\t")
            fields.setdefault(int(point[2:], 16), {})[field] = value
    table = {}
    for point, values in fields.items():
        if not FIRST <= point <= LAST:
            continue
        found = re.findall(r"([^\s(]+)\(", values.get("kHanyuPinlu", ""))
        for field in ("kTGHZ2013", "kXHC1983"):
            for entry in values.get(field, "").split():
                found += entry.split(":")[-1].split(",")
        spellings = [text for reading in found for text in toneless(reading) if (point, text) not in NOT_READINGS]
        if not spellings:
            spellings = [text for reading in values.get("kMandarin", "").split() for text in toneless(reading)]
        if spellings:
            table[point] = list(dict.fromkeys(spellings))[:MOST_READINGS]
    return table


def main():
    table = readings(sys.argv[1])
    syllables = sorted({text for texts in table.values() for text in texts})
    number = {text: i for i, text in enumerate(syllables)}
    groups = sorted({tuple(texts) for texts in table.values()})
    group_of = {group: i + 1 for i, group in enumerate(groups)}
    starts, members = [0, 0], []
    for group in groups:
        members += [number[text] for text in group]
        starts.append(len(members))

    def rows(values, width):
        values = [str(value) for value in values]
        return ",\n".join(",".join(values[i:i + width]) for i in range(0, len(values), width))

    with open(sys.argv[2], "w", encoding="ascii") as out:
        out.write("// Made by unihan_readings.py from the Unicode Character Database. Not kept in the tree.\n")
        out.write(f"constexpr char32_t kFirstCharacter = {FIRST};\n")
        out.write("constexpr std::string_view kSyllables[] = {\n")
        out.write(rows([f'"{text}"' for text in syllables], 10) + "};\n")
        out.write("// By character: its group of readings; 0 has none.\n")
        out.write("constexpr uint16_t kGroups[] = {\n")
        out.write(rows([group_of.get(tuple(table.get(point, ())), 0) for point in range(FIRST, LAST + 1)], 24) + "};\n")
        out.write("// Where a group's syllables begin in kGroupSyllables; they end where the next begins.\n")
        out.write("constexpr uint16_t kGroupStarts[] = {\n" + rows(starts, 20) + "};\n")
        out.write("constexpr uint16_t kGroupSyllables[] = {\n" + rows(members, 24) + "};\n")


if __name__ == "__main__":
    main()
