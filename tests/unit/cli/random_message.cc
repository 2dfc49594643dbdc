// SPDX-License-Identifier: Apache-2.0

#include "random_message.h"

#include "google/protobuf/timestamp.pb.h"

namespace tandem::cli::testing {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string RandomText(std::mt19937_64* random) {
  static constexpr const char* kPieces[] = {"a",    "Z",  "7",    "杭",   "བ",  "\"", "\\", ",",
                                            ";",    "\n", "\r\n", " ",    "\t", "'",  "{",  "é",
                                            "🙂", ":",  "-",    "\x01", "#",  "&"};
  std::string text;
  for (uint64_t left = (*random)() % 8; left > 0; --left) {
    text += kPieces[(*random)() % std::size(kPieces)];
  }
  return text;
}

void FillRandomly(Message* message, std::mt19937_64* random) {
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(message)) {
    time->set_seconds(static_cast<int64_t>((*random)() % 4000000000U));
    time->set_nanos(static_cast<int32_t>((*random)() % 1000) * 1000000);
    return;
  }
  const auto* reflection = message->GetReflection();
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    int count = static_cast<int>((*random)() % 2);
    if (field->is_repeated()) count *= 1 + static_cast<int>((*random)() % 3);
    // Two random keys could be the same.
    if (field->is_map()) count = std::min(count, 1);
    for (; count > 0; --count) {
      const auto number = static_cast<int64_t>((*random)());
#define TANDEM_FILL(Type, value)                                       \
  field->is_repeated() ? reflection->Add##Type(message, field, value)  \
                       : reflection->Set##Type(message, field, value); \
  break
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          TANDEM_FILL(String, RandomText(random));
        case FieldDescriptor::CPPTYPE_BOOL:
          TANDEM_FILL(Bool, number % 2 == 0);
        case FieldDescriptor::CPPTYPE_INT32:
          TANDEM_FILL(Int32, static_cast<int32_t>(number));
        case FieldDescriptor::CPPTYPE_INT64:
          TANDEM_FILL(Int64, number);
        case FieldDescriptor::CPPTYPE_ENUM:
          TANDEM_FILL(Enum, field->enum_type()->value(static_cast<int>(
                                static_cast<uint64_t>(number) %
                                static_cast<uint64_t>(field->enum_type()->value_count()))));
        case FieldDescriptor::CPPTYPE_MESSAGE:
          FillRandomly(field->is_repeated() ? reflection->AddMessage(message, field)
                                            : reflection->MutableMessage(message, field),
                       random);
          break;
        default:
          break;
      }
#undef TANDEM_FILL
    }
  }
}

}  // namespace tandem::cli::testing
