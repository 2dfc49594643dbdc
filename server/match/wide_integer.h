// SPDX-License-Identifier: Apache-2.0

// 128-bit integers, for sums and products that could outgrow 64 bits.
#pragma once

namespace tandem::match {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

}  // namespace tandem::match
