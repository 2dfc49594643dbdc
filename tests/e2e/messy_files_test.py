# SPDX-License-Identifier: Apache-2.0
"""Directories as they arrive: encodings, worksheets, damaged codes, regions by name; reject files mended and fed again."""

import json
import os
import subprocess
import zipfile

import server_case
from tandem_process import BUILD, SOURCE

PARTIAL = 7
GOOD_CODE = "91350100M000100Y43"  # the example of GB 32100-2015
REGIONS = """{"name":"regions/630000","code":"630000","displayName":"青海省"}
{"name":"regions/632300","code":"632300","displayName":"黄南藏族自治州","parentRegion":"regions/630000"}
{"name":"regions/632323","code":"632323","displayName":"泽库县","parentRegion":"regions/632300"}
{"name":"regions/320000","code":"320000","displayName":"江苏省"}
{"name":"regions/320100","code":"320100","displayName":"南京市","parentRegion":"regions/320000"}
{"name":"regions/320106","code":"320106","displayName":"鼓楼区","parentRegion":"regions/320100"}
{"name":"regions/320300","code":"320300","displayName":"徐州市","parentRegion":"regions/320000"}
{"name":"regions/320302","code":"320302","displayName":"鼓楼区","parentRegion":"regions/320300"}
"""
MAPPING = """
fields:
  name: {column: 编号, prefix: agencies/, id: true, required: true}
  display_name: 名称
  identifiers[0].scheme: {constant: uscc}
  identifiers[0].value: 统一社会信用代码
  home_region: {column: 地区, region: name}
  assessment.awarded_date: {column: 评估日期, date: spreadsheet}
  assessment.points: 分数
"""
HEADER = ["编号", "名称", "统一社会信用代码", "地区", "评估日期", "分数"]
ROWS = [
    ["A1", "甲社工", GOOD_CODE, "青海省/黄南藏族自治州/泽库县", "2026/1/5", "９００"],
    ["A2", "乙社工", "5.21E+17", "泽库县", "2026年1月5日", "1"],
    ["A3", "丙社工", "", "鼓楼区", "", ""],
    ["A4", "丁社工", "", "江苏省/徐州市/鼓楼区", "2026-1-5", ""],
    ["A5", "戊社工", "", "泽库县", "26/1/5", ""],
]
MENDED = {"5.21E+17": "", ",鼓楼区,": ",江苏省/南京市/鼓楼区,", "26/1/5": "2026/1/5"}


def csv(rows, end="\r\n"):
    return end.join(",".join(row) for row in [HEADER, *rows]) + end


class DirectoryCase(server_case.ServerCase):
    """A server with a few regions, and a mapping for the rows above."""

    def setUp(self):
        super().setUp()
        self.mapping = self.write("mapping.yaml", MAPPING)
        self.begin("server")

    def begin(self, folder):
        self.shared = self.start(folder)
        self.shared.run("region", "import", self.write("regions.ndjson", REGIONS))

    def load(self, path, *options):
        done = self.shared.tandem("agency", "import", path, "--mapping", self.mapping, "-o", "json", *options)
        counts = json.loads(done.out) if done.out else None
        return done.code, counts, done.err.replace(path, "FILE").splitlines()

    def agency(self, name):
        return self.shared.run("agency", "get", name, "-o", "json").json()

    def names(self):
        return [n.split("/")[1] for n in self.shared.run("agency", "list", "--all", "-o", "name").out.split()]

    def expect_told(self, told):
        said = "\n".join(told)
        for wanted in (
            r"FILE:3:\d+: FIELD_INVALID: identifiers\[0\].value: looks damaged by a spreadsheet: 5.21E\+17",
            r"FILE:4:\d+: .*home_region: \"鼓楼区\" names 2 regions: 江苏省/南京市/鼓楼区 \(regions/320106\)",
            r"FILE:6:\d+: .*awarded_date: \"26/1/5\" is no day",
        ):
            self.assertRegex(said, wanted)

    def expect_first(self):
        first = self.agency("a1")
        self.assertEqual(first["homeRegion"], "regions/632323")
        self.assertEqual(first["assessment"], {"awardedDate": "2026-01-05", "points": 900})
        self.assertEqual(first["identifiers"], [{"scheme": "uscc", "value": GOOD_CODE}])
        self.assertEqual(self.agency("a4")["homeRegion"], "regions/320302")


class EncodingTest(DirectoryCase):
    def test_every_encoding_and_its_rejects_mended_and_fed_again(self):
        for encoding, mark, options in (
            ("utf-8", b"", ()), ("utf-8", b"\xef\xbb\xbf", ()), ("gb18030", b"", ()),
            ("utf-16-le", b"\xff\xfe", ()), ("utf-16-be", b"", ("--encoding", "utf-16be")),
        ):  # fmt: skip
            with self.subTest(encoding=encoding, mark=mark):
                self.begin(f"{encoding}{len(mark)}")
                rejects = self.path("rejects.csv")
                path = self.write("in.csv", mark + csv(ROWS).encode(encoding))
                code, counts, told = self.load(path, "--reject", rejects, *options)
                self.assertEqual((code, counts["created"], counts["failed"]), (PARTIAL, 2, 3))
                self.expect_told(told)
                self.expect_first()
                with open(rejects, "rb") as file:
                    kept = file.read()
                self.assertEqual(kept, mark + csv([ROWS[1], ROWS[2], ROWS[4]]).encode(encoding))
                text = kept[len(mark):].decode(encoding)
                for wrong, right in MENDED.items():
                    text = text.replace(wrong, right)
                code, counts, told = self.load(self.write("m.csv", mark + text.encode(encoding)), *options)
                self.assertEqual((code, counts["created"]), (0, 3), told)
                self.assertEqual(self.names(), ["a1", "a2", "a3", "a4", "a5"])
                self.shared.kill()

    def test_bytes_that_are_no_text_cost_one_record_and_are_kept(self):
        rows = csv(ROWS[:1] + ROWS[3:4]).encode("gb18030").replace("丁社".encode("gb18030"), b"\xff\xff")
        rejects = self.path("rejects.csv")
        code, counts, told = self.load(self.write("x.csv", rows), "--reject", rejects, "--encoding", "gb18030")
        self.assertEqual((code, counts["created"], counts["failed"]), (PARTIAL, 1, 1))
        self.assertRegex(told[0], "^FILE:3:4: TEXT_INVALID: the byte 0xFF here is no text in the file's encoding")
        with open(rejects, "rb") as file:
            self.assertIn(b"\xff\xff", file.read())

    def test_the_encoding_found_out_is_told(self):
        done = self.load(self.write("x.csv", csv(ROWS[:1]).encode("gb18030")))
        self.assertEqual(done[2], ["FILE is read as GB18030; --encoding names another"])

    def test_what_spreadsheets_call_unicode_text(self):
        text = b"\xff\xfe" + csv(ROWS[:1]).replace(",", "\t").encode("utf-16-le")
        for name, options in (("x.tsv", ()), ("x.txt", ("--delimiter", "tab"))):
            code, counts, told = self.load(self.write(name, text), "--on-conflict", "replace", *options)
            self.assertEqual((code, counts["created"] + counts["unchanged"]), (0, 1), told)

    def test_headers_below_a_title(self):
        text = "机构名册,,,,,\n" + csv(ROWS[:1], "\n")
        code, counts, told = self.load(self.write("x.csv", text), "--header-row", "2")
        self.assertEqual((code, counts["created"]), (0, 1), told)


class WorksheetTest(DirectoryCase):
    def xlsx(self, name, rows, sheet="Sheet1"):
        """A workbook made by the program's own writer, from cells of its protocol."""
        lines = [json.dumps([i, *row]) for i, row in enumerate(rows, 1)] + [json.dumps({"end": len(rows)})]
        path = self.path(name)
        subprocess.run([os.path.join(BUILD, "bin", "tandem-xlsx"), "write", path, "--sheet", sheet],
                       input="\n".join(lines).encode(), check=True)  # fmt: skip
        return path

    def read(self, path):
        done = subprocess.run([os.path.join(BUILD, "bin", "tandem-xlsx"), "read", path], capture_output=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_a_worksheet_and_its_rejects_mended_and_fed_again(self):
        rows = [list(row) for row in ROWS]
        rows[0][4] = {"d": "2026-01-05"}
        rows[0][5] = {"n": "900"}
        rows[1][2] = {"n": "521000000000000000"}
        rows[3][4] = {"n": "46027"}
        rejects = self.path("rejects.xlsx")
        path = self.xlsx("in.xlsx", [HEADER, *rows])
        code, counts, told = self.load(path, "--reject", rejects)
        self.assertEqual((code, counts["created"], counts["failed"]), (PARTIAL, 2, 3), told)
        self.expect_told([t.replace("521000000000000000", "5.21E+17").replace("the last digits of ", "") for t in told])
        self.expect_first()
        kept = self.read(rejects)
        self.assertEqual([row[1] for row in kept[:-1]], ["编号", "A2", "A3", "A5"])
        self.assertEqual(kept[1][3], {"n": "521000000000000000"}, "types stay")
        mended = [row[1:] for row in kept[:-1]]
        mended[1][2], mended[2][3], mended[3][4] = None, "江苏省/南京市/鼓楼区", {"d": "2026-01-05"}
        code, counts, told = self.load(self.xlsx("mended.xlsx", mended))
        self.assertEqual((code, counts["created"]), (0, 3), told)

    def test_sheets_and_cells_without_values(self):
        path = self.xlsx("x.xlsx", [HEADER, ["B1", "甲", None, {"e": "#N/A"}], ["B2", {"f": "=1+1"}], ["B3", "丙"]], "名册")
        code, counts, told = self.load(path, "--sheet", "名册")
        self.assertEqual((code, counts["created"], counts["failed"]), (PARTIAL, 1, 2))
        self.assertRegex(told[0], r"^FILE:2:4: FIELD_INVALID: D2: the cell holds the error #N/A")
        self.assertRegex(told[1], r"^FILE:3:2: FIELD_INVALID: B3: the file holds no result of the formula =1\+1")
        code, _, told = self.load(path, "--sheet", "另一")
        self.assertEqual(code, 1)
        self.assertIn('has no worksheet "另一"; it has 名册', told[0])

    def test_files_that_are_no_sound_workbooks(self):
        bomb = self.path("bomb.xlsx")
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (64 << 20))
        entity = self.path("entity.xlsx")
        with zipfile.ZipFile(entity, "w") as archive:
            archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
        for path, said in (
            (self.write("text.xlsx", "编号\n"), "is no .xlsx workbook"),
            (self.write("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "old .xls workbook or protected"),
            (bomb, "unpacks to more than 200 times its size"),
            (entity, "declares a document type"),
            (self.write("empty.xlsx", ""), "is no .xlsx workbook"),
        ):  # fmt: skip
            with self.subTest(path):
                code, _, told = self.load(path)
                self.assertEqual(code, 1)
                self.assertIn(said, told[0])
        # A workbook cut off anywhere is refused whole.
        path = self.xlsx("whole.xlsx", [HEADER, *ROWS])
        with open(path, "rb") as file:
            whole = file.read()
        for size in range(10, len(whole), len(whole) // 7):
            self.assertEqual(self.load(self.write("cut.xlsx", whole[:size]))[0], 1)
        self.assertEqual(self.names(), [])

    def test_rows_and_columns_far_out_are_bounded(self):
        path = self.xlsx("x.xlsx", [HEADER, ROWS[0]])
        far = self.path("far.xlsx")
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                data = source.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    data = data.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
                    data = data.replace(b"</sheetData>", b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>')
                target.writestr(name, data)
        code, counts, told = self.load(far)
        self.assertEqual((code, counts["created"]), (0, 1), told)

    def test_without_the_library_the_package_is_named(self):
        stand_in = self.write("no-openpyxl", "#!/bin/sh\nexec /usr/bin/python3 -S -I \"$REAL\" \"$@\"\n")
        os.chmod(stand_in, 0o755)
        path = self.xlsx("x.xlsx", [HEADER, ROWS[0]])
        done = self.shared.tandem("agency", "import", path, environment={
            "TANDEM_XLSX": stand_in, "REAL": os.path.join(SOURCE, "clients/cli/xlsx/tandem-xlsx")})  # fmt: skip
        self.assertEqual(done.code, 1)
        self.assertIn("apt-get install python3-openpyxl", done.err)




if __name__ == "__main__":
    server_case.main()
