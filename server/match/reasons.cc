// SPDX-License-Identifier: Apache-2.0

#include "match/reasons.h"

#include "model/absl_strings.h"

namespace tandem::match {
namespace {

constexpr std::array<ReasonText, kRuleCount> kRules = {{
    {"AGENCY_INACTIVE", "援派机构已暂停或终止", "the assisting agency is paused or has ended"},
    {"NO_CONSENT", "援派意向未经机构同意", "the offer carries no consent of its agency"},
    {"OFFER_NO_ROOM", "援派名额已用完", "the offer has no slots left"},
    {"NEED_NO_ROOM", "受援需求已满足", "the need has all its slots already"},
    {"CORRIDOR_MISMATCH", "不在同一对口通道", "the offer's corridor does not lead there"},
    {"CATEGORY_MISMATCH", "服务类别不符", "the offer is not in that field"},
    {"GRADE_EXPIRED", "评估等级已过有效期", "the agency's grade is no longer valid"},
    {"GRADE_BELOW", "评估等级低于要求", "the agency's grade is below the one asked for"},
    {"SECTOR_GAP", "支援地社会工作发展水平未高出受援地要求的幅度",
     "the home region's sector is not ahead by the gap the rules ask for"},
    {"LANGUAGE_MISSING", "缺少所需语言", "a language asked for is not spoken"},
    {"ALTITUDE", "海拔超出机构可接受的高度", "the place lies higher than the offer allows"},
    {"DATES_APART", "时间不重叠", "the dates do not overlap"},
    {"REGION_NOT_ACCEPTED", "不在机构愿意前往的地区", "the offer is for other regions"},
    {"REGION_REFUSED", "机构不愿前往该地区", "the agency does not go there"},
    {"AGENCY_REFUSED", "受援地区不接受该机构", "the county does not take this agency"},
    {"SAME_AGENCY", "援派机构与受援机构为同一机构", "the agency would help itself"},
    {"FORBIDDEN_PAIR", "规则禁止该结对", "the rules forbid this pair"},
}};

constexpr std::array<ReasonText, kCauseCount> kCauses = {{
    {"CUT_TO_BEST", "候选过多,未进入前列", "the need kept its best candidates only"},
    {"CORRIDOR_FULL", "对口通道名额已满", "the corridor is at its maximum"},
    {"OFFERS_TAKEN", "候选机构的名额已用于其他需求", "the candidate offers went to other needs"},
    {"NEEDS_FILLED", "候选需求已由其他机构满足", "the candidate needs were met by other offers"},
    {"NOT_CHOSEN", "未被方案选中", "the plan left this pair out"},
    {"NOBODY_THERE", "本次运算中没有对方", "there is nobody on the other side of this run"},
}};

}  // namespace

const ReasonText& TextOf(Rule rule) { return kRules[static_cast<size_t>(rule)]; }

const ReasonText& TextOf(Cause cause) { return kCauses[static_cast<size_t>(cause)]; }

v1::ReasonCount ReasonCountOf(const ReasonText& text, int64_t count) {
  v1::ReasonCount reason;
  reason.set_reason(text.code.data(), text.code.size());
  reason.set_count(count);
  reason.set_text_zh(text.text_zh.data(), text.text_zh.size());
  reason.set_text_en(text.text_en.data(), text.text_en.size());
  return reason;
}

v1::ReasonCount PluginReasonCount(std::string_view plugin_id, std::string_view reason,
                                  int64_t count) {
  v1::ReasonCount out;
  out.set_reason(StrCat(plugin_id, "/", reason));
  out.set_count(count);
  out.set_text_zh(StrCat("被插件 ", plugin_id, " 排除:", reason));
  out.set_text_en(StrCat("left out by plugin ", plugin_id, ": ", reason));
  return out;
}

}  // namespace tandem::match
