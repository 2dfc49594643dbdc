// SPDX-License-Identifier: Apache-2.0

// Every service of the directory with its handlers, ready to be registered with a gRPC server.
// Which of them a listener serves is main's decision: the public ones everywhere, PluginService on
// the admin socket alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "service/directory.h"
#include "service/raw_service.h"

namespace tandem::service {

// Full names of the services of each listener, in the order they are listed to people.
absl::Span<const std::string_view> PublicServices();
absl::Span<const std::string_view> AdminServices();

// The handlers of every method of both.
HandlerTable MakeHandlers(const Directory* directory);

// The named services over `handlers`. INTERNAL when a method has no handler.
absl::StatusOr<std::vector<std::unique_ptr<RawService>>> MakeServices(
    absl::Span<const std::string_view> names, const Directory* directory,
    const HandlerTable* handlers);

}  // namespace tandem::service
