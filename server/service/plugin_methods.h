// SPDX-License-Identifier: Apache-2.0

// PluginService: an adapter to plugin/plugin_registry.h. Starting and ending processes takes time,
// so every method runs on a worker. Served on the admin socket only.
#pragma once

#include "plugin/plugin_registry.h"
#include "service/raw_service.h"
#include "tandem/v1/plugin.pb.h"

namespace tandem::service {

// Adds the methods to `table`.
void AddPluginMethods(HandlerTable* table);

// A plugin as clients see it.
v1::Plugin ToPlugin(const plugin::PluginDescription& description);

}  // namespace tandem::service
