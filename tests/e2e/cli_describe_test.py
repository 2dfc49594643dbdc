# SPDX-License-Identifier: Apache-2.0
"""`tandem describe`, `explain` and `call` against a server."""

import json
import unicodedata

import server_case

DONE, FAILED, USAGE, NOT_FOUND = 0, 1, 2, 3

RECORDS = """
name: regions/630000
displayName: 青海省
code: '630000'
level: REGION_LEVEL_PROVINCE
---
name: serviceCategories/children
displayName: 儿童社会工作
taxonomy: t
---
name: serviceCategories/elderly
displayName: 老年
taxonomy: t
---
name: agencies/helper
displayName: 合成 helper
homeRegion: regions/630000
categories:
- {category: serviceCategories/children, level: 4}
- {category: serviceCategories/elderly, level: 5, years: 11}
labels: {synthetic: 'true'}
provenance:
- {fieldPath: '*', source: 'synthetic:test'}
---
name: matchProfiles/p
displayName: p
---
name: rounds/r
displayName: 第一批
matchProfile: matchProfiles/p
corridors:
- {corridorId: inside, supportingRegion: regions/630000, receivingRegion: regions/630000, minSlots: 1, maxSlots: 9}
"""


def width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class CliDescribeTest(server_case.SharedServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared.run("apply", "-f", "-", text=RECORDS)
        cls.shared.run("round", "open", "r")
        offers = "".join(
            f"---\nname: offers/o{number}\nround: rounds/r\nagency: agencies/helper\nslots: 1\ncorridor: inside\n"
            for number in range(12)
        )
        cls.shared.run("apply", "-f", "-", text=offers)

    def test_a_page_names_everything_around_a_record(self):
        page = self.shared.run("agency", "describe", "helper").out
        for part in (
            "合成 helper\nAgency 机构  agencies/helper\n",
            "regions/630000  青海省",
            "Categories 服务领域 (2)\n",
            "serviceCategories/children  儿童社会工作",
            "Labels 标签\n  synthetic  true\n",
            "Provenance 来源 (1)\n",
            "Offers 援派意向 (12)\n",
            "tandem offer list --all --filter 'agency = \"agencies/helper\"'",
        ):
            self.assertIn(part, page)
        self.assertNotIn("Pairings", page)
        self.assertEqual(page.count("offers/o"), 10)

    def test_the_command_a_page_prints_works(self):
        page = self.shared.run("agency", "describe", "helper").out
        printed = next(line for line in page.splitlines() if "all 全部" in line)
        filter_text = printed.split("'")[1]
        listed = self.shared.run("offer", "list", "--all", "--filter", filter_text, "-o", "name").out
        self.assertEqual(len(listed.split()), 12)

    def test_rounds_show_corridors_and_counts(self):
        page = self.shared.run("describe", "round", "r").out
        self.assertIn("Corridors 通道 (1)\n", page)
        self.assertIn("Offers 援派意向 (12)\n", page)
        self.assertIn("OPEN", page)

    def test_columns_line_up_with_wide_characters(self):
        lines = self.shared.run("agency", "describe", "helper").out.splitlines()
        start = lines.index("Categories 服务领域 (2)")
        header, first, second = lines[start + 1 : start + 4]
        # The last column stands at the right.
        self.assertTrue(header.endswith("  Years 年限"), header)
        self.assertTrue(second.endswith(" 11"), second)
        self.assertEqual(width(second), width(header))
        level_end = width(header[: header.index("Level 水平") + len("Level 水平")])
        self.assertEqual(width(first), level_end, "no level stands under another column")

    def test_several_and_other_forms_and_errors(self):
        page = self.shared.run("agency", "describe", "helper", "agencies/helper", "--related", "0").out
        self.assertEqual(page.count("Agency 机构  agencies/helper"), 2)
        self.assertNotIn("Offers", page)
        document = self.shared.run("describe", "agency/helper", "-o", "json").json()
        self.assertEqual(document, self.shared.run("agency", "get", "helper", "-o", "json").json())
        self.assertEqual(self.shared.tandem("agency", "describe", "none").code, NOT_FOUND)
        self.assertEqual(self.shared.tandem("agency", "describe").code, USAGE)

    def test_personal_data_is_not_among_what_stands_around_a_record(self):
        contact = "name: agencies/helper/contacts/head\ndisplayName: 王某\nphoneNumber: '13800000000'\n"
        self.assertEqual(self.shared.run("apply", "-f", "-", text=contact).out, "agencies/helper/contacts/head created\n")
        self.assertEqual(self.shared.run("apply", "-f", "-", text=contact).out, "agencies/helper/contacts/head unchanged\n")
        page = self.shared.run("agency", "describe", "helper").out
        self.assertNotIn("王某", page)
        self.assertNotIn("13800000000", page)
        self.assertIn("王某", self.shared.run("contact", "describe", "head", "--agency", "helper").out)
        self.assertIn("王某", self.shared.run("describe", "agencies/helper/contacts/head").out)

    def test_history_tells_who_changed_what(self):
        start = "name: serviceCategories/told\ndisplayName: 一\ntaxonomy: t\n"
        self.shared.run("apply", "-f", "-", text=start)
        self.shared.run("apply", "-f", "-", text=start.replace("一", "二") + "definition: d\n")
        self.shared.run("category", "delete", "told")
        lines = self.shared.run("category", "history", "told", "--no-headers").out.splitlines()
        self.assertEqual([line.split()[3] for line in lines], ["DELETED", "UPDATED", "CREATED"])
        self.assertEqual([line.split()[2] for line in lines], ["local"] * 3)
        self.assertEqual(sorted(lines[1].split()[4].split(",")), ["definition", "display_name"])
        self.assertEqual(len(self.shared.run("history", "category/told", "--limit", "2", "-o", "name").out.split()), 2)
        shown = self.shared.run("category", "history", "told", "--diff").out
        self.assertIn("-displayName: 一\n+displayName: 二\n", shown)
        self.assertIn("+taxonomy: t\n", shown)
        self.assertEqual(self.shared.tandem("category", "history", "none").code, NOT_FOUND)

    def test_verb_noun_order(self):
        one = self.shared.run("agency", "list", "-o", "name").out
        self.assertEqual(self.shared.run("get", "agencies", "-o", "name").out, one)
        self.assertEqual(self.shared.run("list", "agency", "-o", "name").out, one)
        self.assertEqual(self.shared.run("get", "agencies/helper", "-o", "name").out, "agencies/helper\n")

    def test_columns_and_headers(self):
        out = self.shared.run("agency", "list", "--columns", "display_name,labels.synthetic,categories.level").out
        self.assertEqual(out.splitlines()[0].split("  ")[0], "TITLE 名称")
        self.assertIn("合成 helper  true", out)
        self.assertIn("4,5", out)
        bare = self.shared.run("agency", "list", "--no-headers", "--columns", "name").out
        self.assertEqual(bare, "agencies/helper\n")
        wide = self.shared.run("agency", "list", "-o", "wide").out
        self.assertIn("UPDATED 更新", wide)
        self.assertNotIn("UPDATED", self.shared.run("agency", "list").out)
        done = self.shared.tandem("agency", "list", "--columns", "displayNmae")
        self.assertEqual(done.code, USAGE)
        self.assertIn("did you mean displayName?", done.err)

    def test_explain_marks_what_the_server_can_filter_and_order(self):
        page = self.shared.run("explain", "agency").out
        self.assertRegex(page, r"\n  home_region  text · names a record of regions · filterable\n")
        self.assertRegex(page, r"\n  display_name  text · required · at most 200 characters · filterable · orderable\n")
        self.assertRegex(page, r"\n  what_we_do  text · at most 2,000 characters\n")
        below = self.shared.run("explain", "agency.assessment.points", "-o", "json").json()
        self.assertEqual((below["filterable"], below["orderable"]), (True, True))

    def test_call_unary(self):
        done = self.shared.run("call", "AgencyService/GetAgency", "-d", '{"name": "agencies/helper"}')
        self.assertEqual(done.json()["displayName"], "合成 helper")
        path = self.write("request.json", '{"page_size": 1,\n "filter": "name = \\"agencies/helper\\""}')
        done = self.shared.run("call", "ListAgencies", "-d", "@" + path)
        self.assertEqual(len(done.json()["agencies"]), 1)
        done = self.shared.run("call", "AgencyService/ListAgencies")
        self.assertEqual(len(done.json()["agencies"]), 1)
        self.assertEqual(self.shared.run("call", "grpc.health.v1.Health/Check").json(), {"status": "SERVING"})

    def test_call_admin_services_go_to_the_admin_socket(self):
        self.assertIn("revision", self.shared.run("call", "PluginService/ListPlugins").json())
        done = self.shared.tandem("call", "PluginService/ListPlugins", environment={"TANDEM_ADMIN_SOCKET": ""})
        self.assertEqual(done.code, USAGE)
        self.assertIn("--admin-socket", done.err)

    def test_call_streams(self):
        lines = [{"options": {"requestId": "11111111-1111-4111-8111-111111111111"}}]
        for number in range(3):
            record = {"name": f"serviceCategories/s{number}", "displayName": "x", "taxonomy": "t"}
            lines.append({"firstNumber": str(number + 1), "serviceCategories": [record]})
        text = "\n".join(json.dumps(line) for line in lines)
        done = self.shared.run("call", "ServiceCategoryService/ImportServiceCategories", "-d", "-", text=text)
        answers = [json.loads(line) for line in done.out.splitlines()]
        self.assertGreaterEqual(len(answers), 3)
        self.assertEqual(self.shared.tandem("category", "get", "s2").code, DONE)

    def test_call_tells_every_detail_of_an_error(self):
        done = self.shared.tandem("call", "GetAgency", "-d", '{"name": "agencies/none"}')
        self.assertEqual(done.code, NOT_FOUND)
        self.assertIn("  code: NOT_FOUND\n", done.err)
        self.assertIn("  resource: agencies/none\n", done.err)
        done = self.shared.tandem("call", "ListAgencies", "-d", '{"filter": "nothing = 1"}')
        self.assertEqual(done.code, FAILED)
        self.assertIn("metadata allowed: assessment.awarded_date, ", done.err)

    def test_call_wrong_words(self):
        for arguments, meant in (
            (["AgencyService/GetAgncy"], "did you mean AgencyService/GetAgency?"),
            (["GetAgncy"], "did you mean GetAgency?"),
            (["AgencyService/GetAgency", "-d", '{"nmae": "x"}'], "did you mean name?"),
        ):
            done = self.shared.tandem("call", *arguments)
            self.assertIn(meant, done.err)
        done = self.shared.tandem("call", "GetAgency", "-d", '{"name": "a"} {"name": "b"}')
        self.assertEqual(done.code, USAGE)
        done = self.shared.tandem("call", "GetAgency", "-d", '{"name": ')
        self.assertEqual(done.code, FAILED)
        self.assertIn("-d:1:", done.err)
        self.assertEqual(self.shared.tandem("call", "GetAgency", "-d", "@" + self.path("none")).code, FAILED)


if __name__ == "__main__":
    server_case.main()
