// SPDX-License-Identifier: Apache-2.0

// Room: what accepted and running pairings take from an offer or a need never grows above its
// slots, whoever writes at the same time. Checked here, where writes come one after the other, and
// nowhere else. An offer whose slots were lowered below what is taken keeps its pairings; it just
// gets no more.

#include "catalog/write_group.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/pairing_states.h"
#include "model/status_macros.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

// The columns of pairings, offers and needs that room is made of.
struct RoomFields {
  const FieldTable& pairings = FieldTable::Of(RecordType::kPairing);
  const IndexedField& slots = *pairings.Find("slots");
  const IndexedField& state = *pairings.Find("state");
  const IndexedField& offer = *pairings.Find("offer");
  const IndexedField& need = *pairings.Find("need");
  const IndexedField& offer_slots = *FieldTable::Of(RecordType::kOffer).Find("slots");
  const IndexedField& need_slots = *FieldTable::Of(RecordType::kNeed).Find("slots");

  static const RoomFields& Get() {
    static const auto* const kFields = new RoomFields();
    return *kFields;
  }
};

int64_t Taken(int64_t state, int64_t slots) {
  return model::SlotsTaken(static_cast<v1::PairingState>(state), slots);
}

}  // namespace

int64_t WriteGroup::TakenByOthers(const IndexedField& side, std::string_view target,
                                  std::string_view own_id) const {
  const RoomFields& fields = RoomFields::Get();
  int64_t taken = 0;
  for (const SegmentView& part : view_->segments(RecordType::kPairing)) {
    Roaring rows;
    view_->AddEqual(part, side.id, target, &rows);
    if (rows.isEmpty()) continue;
    const AliveRows alive = part.alive();
    const Segment& segment = part.segment();
    for (uint32_t row : rows) {
      if (!alive.Contains(row) || segment.deleted(row)) continue;
      if (segment.id(row) == own_id || IsStaged(RecordType::kPairing, segment.id(row))) continue;
      taken += Taken(segment.Integer(fields.state.id, row).value_or(0),
                     segment.Integer(fields.slots.id, row).value_or(0));
    }
  }
  for (const StagedVersion* other : staged_.Referring(target)) {
    if (other->change.type != RecordType::kPairing || other->change.id == own_id) continue;
    const CurrentVersion current{{}, other};
    const std::vector<std::string_view> named = current.Texts(side);
    if (current.deleted() || named.empty() || named.front() != target) continue;
    taken += Taken(current.Integer(fields.state), current.Integer(fields.slots));
  }
  return taken;
}

absl::Status WriteGroup::CheckRoom(size_t index) const {
  const StagedVersion& staged = staged_[index];
  if (staged.change.type != RecordType::kPairing) return absl::OkStatus();
  const RoomFields& fields = RoomFields::Get();
  const CurrentVersion current{{}, &staged};
  const int64_t wanted = Taken(current.Integer(fields.state), current.Integer(fields.slots));
  if (wanted == 0) return absl::OkStatus();
  // The version before, when it was live.
  std::optional<CurrentVersion> before;
  if (const StagedVersion* replaced = staged_.Before(index)) {
    before = CurrentVersion{{}, replaced};
  } else if (std::optional<RowRef> row = view_->Find(RecordType::kPairing, staged.change.id)) {
    before = CurrentVersion{*row, nullptr};
  }
  if (before && before->deleted()) before.reset();

  for (const auto& [side, side_slots] : {std::pair(&fields.offer, &fields.offer_slots),
                                         std::pair(&fields.need, &fields.need_slots)}) {
    const std::vector<std::string_view> named = current.Texts(*side);
    if (named.empty() || named.front().empty()) continue;
    const std::string_view target = named.front();
    if (before) {
      const std::vector<std::string_view> named_before = before->Texts(*side);
      const bool same = !named_before.empty() && named_before.front() == target;
      const int64_t had = Taken(before->Integer(fields.state), before->Integer(fields.slots));
      if (same && had >= wanted) continue;
    }
    std::optional<RecordKey> key = ParseRecordName(target);
    std::optional<CurrentVersion> record;
    if (key) record = Find(key->type, key->id);
    // CheckReferences has refused names of nothing.
    if (!record) continue;
    const int64_t slots = record->Integer(*side_slots);
    const int64_t taken = TakenByOthers(*side, target, staged.change.id);
    const int64_t left = model::SlotsLeft(slots, taken);
    if (wanted <= left) continue;
    return model::PreconditionError(
        model::Reason::kNoRoom,
        StrCat(target, " has ", left, " of ", slots, " slots left, not the ", wanted, " of ",
               NamePrefix(RecordType::kPairing), staged.change.id,
               left == 0 ? "" : "; accept fewer"),
        "ROOM", {std::string(target)},
        {{"target", target},
         {"slots", StrCat(slots)},
         {"taken", StrCat(taken)},
         {"left", StrCat(left)},
         {"wanted", StrCat(wanted)}});
  }
  return absl::OkStatus();
}

}  // namespace tandem::catalog
