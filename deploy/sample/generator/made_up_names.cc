// SPDX-License-Identifier: Apache-2.0

#include "made_up_names.h"

#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "sample_random.h"

namespace tandem::sample {
namespace {

using Word = std::pair<std::string_view, std::string_view>;

// Characters that names of such bodies like, with the syllable an English name spells them by.
constexpr std::array<Word, 60> kSyllables = {
    {{"沐", "mu"},   {"阳", "yang"}, {"晨", "chen"}, {"光", "guang"}, {"春", "chun"},
     {"晖", "hui"},  {"和", "he"},   {"睦", "mo"},   {"益", "yi"},    {"心", "xin"},
     {"同", "tong"}, {"行", "xing"}, {"爱", "ai"},   {"佑", "you"},   {"仁", "ren"},
     {"德", "de"},   {"博", "bo"},   {"雅", "ya"},   {"星", "xing"},  {"辰", "chen"},
     {"安", "an"},   {"康", "kang"}, {"乐", "le"},   {"善", "shan"},  {"明", "ming"},
     {"达", "da"},   {"清", "qing"}, {"源", "yuan"}, {"启", "qi"},    {"航", "hang"},
     {"润", "run"},  {"泽", "ze"},   {"惠", "hui"},  {"民", "min"},   {"正", "zheng"},
     {"欣", "xin"},  {"荣", "rong"}, {"华", "hua"},  {"彩", "cai"},   {"虹", "hong"},
     {"萤", "ying"}, {"火", "huo"},  {"山", "shan"}, {"海", "hai"},   {"青", "qing"},
     {"禾", "he"},   {"木", "mu"},   {"棉", "mian"}, {"雨", "yu"},    {"露", "lu"},
     {"云", "yun"},  {"舒", "shu"},  {"悦", "yue"},  {"宁", "ning"},  {"恒", "heng"},
     {"信", "xin"},  {"携", "xie"},  {"手", "shou"}, {"众", "zhong"}, {"扶", "fu"}}};

constexpr std::array<Word, 10> kFields = {{{"老年", "Elderly"},
                                           {"儿童", "Children"},
                                           {"青少年", "Youth"},
                                           {"家庭", "Family"},
                                           {"残障", "Disability"},
                                           {"医务", "Medical"},
                                           {"社区", "Community"},
                                           {"妇女", "Women"},
                                           {"农村", "Rural"},
                                           {"心理", "Counselling"}}};

constexpr std::array<Word, 5> kBodies = {{{"社工服务中心", "Social Work Centre"},
                                          {"社会工作服务社", "Social Service Society"},
                                          {"发展中心", "Development Centre"},
                                          {"社工事务所", "Social Work Office"},
                                          {"促进会", "Promotion Association"}}};

template <typename Words>
const Word& PickWord(const Words& words, Random* random) {
  return words[random->Below(words.size())];
}

}  // namespace

MadeUpName NameInWords(int64_t number, const std::string& place, uint64_t seed) {
  // A stream of its own for each agency: names in words change nothing else of the sample.
  Random random(seed ^ (static_cast<uint64_t>(number) * 0xD1342543DE82EF95U));
  const Word& first = PickWord(kSyllables, &random);
  const Word& second = PickWord(kSyllables, &random);
  const Word& field = PickWord(kFields, &random);
  const Word& body = PickWord(kBodies, &random);
  MadeUpName name;
  name.chinese = "合成" + place;
  for (const Word* part : {&first, &second, &field, &body}) name.chinese += part->first;
  std::string proper = std::string(first.second) + std::string(second.second);
  proper[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(proper[0])));
  name.english =
      "Synthetic " + proper + " " + std::string(field.second) + " " + std::string(body.second);
  return name;
}

}  // namespace tandem::sample
