# SPDX-License-Identifier: Apache-2.0
"""`tandem` against a server: get, list, create, update, delete, undelete in every output form."""

import unicodedata

import server_case


def cells(line, starts):
    """The cells of a table line, cut where the columns of the header start on the screen."""
    column, found = 0, [""] * len(starts)
    for character in line:
        at = max(i for i, start in enumerate(starts) if start <= column)
        found[at] += character
        column += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return [cell.rstrip() for cell in found]


def starts_of(header, words):
    """On which screen column each header starts."""
    found = []
    for word in words:
        before = header[: header.index(word)]
        found.append(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before))
    return found


class CliRecordsTest(server_case.SharedServerCase):
    def create(self, name, **fields):
        lines = [f"name: serviceCategories/{name}"]
        lines += [f"{field}: {value}" for field, value in {"displayName": name, "taxonomy": "t", **fields}.items()]
        return self.shared.run("category", "create", "-f", "-", "-o", "json", text="\n".join(lines)).json()

    def test_create_from_yaml_and_json_files_with_several_records(self):
        path = self.write("two.yaml", "name: serviceCategories/y1\ndisplayName: 一\ntaxonomy: t\n---\n"
                                      "name: serviceCategories/y2\ndisplay_name: 二\ntaxonomy: t\n")  # fmt: skip
        self.assertEqual(
            self.shared.run("category", "create", "-f", path, "-o", "name").out,
            "serviceCategories/y1\nserviceCategories/y2\n",
        )
        path = self.write("one.json", '{"displayName": "三", "taxonomy": "t", "labels": {"a": "b"}}')
        created = self.shared.run("category", "create", "-f", path, "--id", "j1", "-o", "json").json()
        self.assertEqual(created["name"], "serviceCategories/j1")
        self.assertEqual(created["labels"], {"a": "b"})

    def test_what_get_prints_can_be_fed_back(self):
        created = self.create("back", definition='"colons: and #signs, 中文"')
        for form in ("yaml", "json"):
            printed = self.shared.run("category", "get", "back", "-o", form).out
            again = self.shared.run("category", "update", "-f", "-", "-o", "json", text=printed).json()
            self.assertEqual(again, created, form)

    def test_update_changes_only_what_the_file_sets(self):
        created = self.create("partly", definition="old")
        changed = self.shared.run(
            "category", "update", "partly", "-f", "-", "-o", "json", text="displayName: 新\n"
        ).json()
        self.assertEqual(changed["displayName"], "新")
        self.assertEqual(changed["definition"], "old")
        self.assertNotEqual(changed["etag"], created["etag"])
        cleared = self.shared.run(
            "category", "update", "partly", "-f", "-", "--mask", "definition", "-o", "json", text="displayName: 不\n"
        ).json()
        self.assertNotIn("definition", cleared)
        self.assertEqual(cleared["displayName"], "新")

    def test_an_old_etag_is_refused_with_a_remedy(self):
        created = self.create("etag")
        self.shared.run("category", "update", "etag", "-f", "-", text="displayName: a\n")
        stale = f"displayName: b\netag: '{created['etag']}'\n"
        done = self.shared.tandem("category", "update", "etag", "-f", "-", text=stale)
        self.assertEqual(done.code, 1)
        self.assertIn("ETAG_MISMATCH", done.err)
        self.assertIn("remedy: get the record again", done.err)

    def test_records_below_others_are_named_with_their_parent(self):
        self.shared.run("agency", "create", "-f", "-", text="name: agencies/owner\ndisplayName: 机构\n")
        contact = "name: agencies/owner/contacts/wang\ndisplayName: 王\nphoneNumber: '+86 10 1234'\n"
        self.assertEqual(
            self.shared.run("contact", "create", "-f", "-", "-o", "name", text=contact).out,
            "agencies/owner/contacts/wang\n",
        )
        self.shared.run("contact", "create", "--agency", "owner", "--id", "li", "-f", "-", text="displayName: 李\n")
        for written in (("wang", "--agency", "owner"), ("agencies/owner/contacts/wang",)):
            got = self.shared.run("contact", "get", *written, "-o", "json").json()
            self.assertEqual(got["phoneNumber"], "+86 10 1234")
        names = "agencies/owner/contacts/li\nagencies/owner/contacts/wang\n"
        self.assertEqual(self.shared.run("contact", "list", "-o", "name").out, names)
        self.assertEqual(self.shared.run("contact", "list", "--agency", "owner", "-o", "name").out, names)
        self.shared.run("contact", "update", "li", "--agency", "owner", "-f", "-", text="role: 主任\n")
        self.shared.run("contact", "delete", "li", "--agency", "owner")
        self.shared.run("contact", "undelete", "li", "--agency", "owner")
        self.assertIn("主任", self.shared.run("contact", "list").out)
        bare = self.shared.tandem("contact", "get", "wang")
        self.assertEqual(bare.code, 2)
        self.assertIn("--agency", bare.err)
        in_use = self.shared.tandem("agency", "delete", "owner")
        self.assertIn("agencies/owner/contacts/li", in_use.err)
        self.shared.run("agency", "delete", "owner", "--force")
        self.assertEqual(self.shared.run("contact", "list", "-o", "name").out, "")

    def test_delete_and_undelete(self):
        self.create("gone")
        self.shared.run("category", "delete", "gone")
        self.assertNotIn("/gone", self.shared.run("category", "list", "--all", "-o", "name").out)
        self.assertIn("/gone", self.shared.run("category", "list", "--all", "--show-deleted", "-o", "name").out)
        self.shared.run("category", "undelete", "serviceCategories/gone")
        self.assertIn("/gone", self.shared.run("category", "list", "--all", "-o", "name").out)

    def test_dry_run_writes_nothing(self):
        self.shared.run("category", "create", "-f", "-", "--dry-run", text="name: x\ndisplayName: x\ntaxonomy: t\n")
        self.assertEqual(self.shared.tandem("category", "get", "x").code, 3)

    def test_list_with_filter_order_and_pages(self):
        for number in range(12):
            self.create(f"page-{number:02}", taxonomy="pages", displayName=f"类 {11 - number:02}")
        chosen = ["--filter", 'taxonomy = "pages"', "--order-by", "display_name desc"]
        wanted = [f"serviceCategories/page-{number:02}" for number in range(12)]
        one = self.shared.run("category", "list", *chosen, "--page-size", "5", "-o", "json").json()
        self.assertEqual([r["name"] for r in one["serviceCategories"]], wanted[:5])
        rest = ["--page-token", one["nextPageToken"]]
        two = self.shared.run("category", "list", *chosen, *rest, "-o", "json").json()
        self.assertEqual([r["name"] for r in two["serviceCategories"]], wanted[5:])
        self.assertEqual(two["nextPageToken"], "")
        whole = self.shared.run("category", "list", *chosen, "--all", "--page-size", "3", "-o", "name")
        self.assertEqual(whole.out.split(), wanted)
        some = self.shared.run("category", "list", *chosen, "--limit", "7", "--page-size", "3", "-o", "name")
        self.assertEqual(some.out.split(), wanted[:7])
        other = self.shared.tandem("category", "list", "--page-token", one["nextPageToken"])
        self.assertEqual(other.code, 1)
        self.assertIn("PAGE_TOKEN_MISMATCH", other.err)

    def test_wide_characters_are_aligned(self):
        rows = {"wide-1": "老年社会工作", "wide-2": "Elderly 老", "wide-3": "ｆｕｌｌ　ｗｉｄｔｈ", "wide-4": "e\u0301te\u0301"}
        for name, title in rows.items():
            self.create(name, displayName=f'"{title}"', taxonomy="wide")
        out = self.shared.run("category", "list", "--filter", 'taxonomy = "wide"').out.splitlines()
        starts = starts_of(out[0], ["NAME", "TITLE", "TAXONOMY"])
        for line in out[1:4]:
            name, title, rest = cells(line, starts)[:3]
            self.assertEqual(rows[name.split("/")[1]], title)
            self.assertTrue(rest.startswith("wide"), line)
        self.assertTrue(all(line == line.rstrip() for line in out), "blanks at the end of a line")

    def test_output_into_a_pipe_has_no_colour(self):
        self.create("plain")
        done = self.shared.tandem("category", "get", "plain", "none")
        self.assertNotIn("\x1b", done.out + done.err)

    def test_control_characters_never_reach_the_screen(self):
        done = self.shared.tandem("category", "get", "\x1b[31mred")
        self.assertEqual(done.code, 1)
        self.assertNotIn("\x1b", done.err)


if __name__ == "__main__":
    server_case.main()
