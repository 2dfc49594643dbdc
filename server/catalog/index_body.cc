// SPDX-License-Identifier: Apache-2.0

#include "catalog/committer.h"
#include "catalog/wire_extractor.h"
#include "store/record_codec.h"

namespace tandem::catalog {

void IndexBody(PreparedRecord* record) {
  const bool has_body = record->kind == WriteKind::kCreate || record->kind == WriteKind::kUpdate;
  if (!has_body || !store::CheckBody(record->body).ok()) return;
  const uint64_t hash = HashBody(record->body);
  if (!record->values.empty() && record->indexed_hash == hash) return;
  const WireExtractor& extractor = WireExtractor::Of(record->type);
  thread_local RowItems values;
  if (!extractor.Extract(record->body, &values).ok()) return;
  record->values = RowBlob(extractor.table(), values);
  record->indexed_hash = hash;
}

}  // namespace tandem::catalog
