// SPDX-License-Identifier: Apache-2.0

#include "plugin/elf_image.h"

#include <elf.h>

#include <cstring>
#include <optional>

#include "model/absl_strings.h"
#include "model/error.h"
#include "sdk/tandem_plugin.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr std::string_view kArch = "x86_64-linux-gnu";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr std::string_view kArch = "aarch64-linux-gnu";
#else
#error "no plugin machine type for this processor"
#endif

absl::Status Refused(std::string_view what) {
  return MakeError(Reason::kPluginRefused, StrCat("lib/plugin.so ", what));
}

// Copies a T at `offset`; false when the file ends before.
template <typename T>
bool ReadAt(std::string_view bytes, uint64_t offset, T* out) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(out, bytes.data() + offset, sizeof(T));
  return true;
}

uint64_t Align4(uint64_t n) { return (n + 3) & ~uint64_t{3}; }

// The note of our owner and type in a PT_NOTE segment.
std::optional<AbiNote> FindNote(std::string_view segment) {
  constexpr std::string_view kOwner(TANDEM_NOTE_OWNER, sizeof(TANDEM_NOTE_OWNER));
  uint64_t at = 0;
  Elf64_Nhdr header;
  while (ReadAt(segment, at, &header)) {
    uint64_t name = at + sizeof(header);
    uint64_t desc = name + Align4(header.n_namesz);
    uint64_t next = desc + Align4(header.n_descsz);
    if (next > segment.size() || next <= at) return std::nullopt;
    AbiNote note;
    if (header.n_type == TANDEM_NOTE_TYPE && header.n_descsz >= sizeof(note) &&
        segment.substr(name, header.n_namesz) == kOwner && ReadAt(segment, desc, &note)) {
      return note;
    }
    at = next;
  }
  return std::nullopt;
}

bool HasTextRelocations(std::string_view segment) {
  Elf64_Dyn entry;
  for (uint64_t at = 0; ReadAt(segment, at, &entry) && entry.d_tag != DT_NULL;
       at += sizeof(entry)) {
    if (entry.d_tag == DT_TEXTREL) return true;
    if (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0) return true;
  }
  return false;
}

}  // namespace

std::string_view HostArch() { return kArch; }

absl::Status CheckAbi(std::string_view plugin, uint32_t major, uint32_t minor_needed) {
  if (major == TANDEM_ABI_MAJOR && minor_needed <= TANDEM_ABI_MINOR) return absl::OkStatus();
  return MakeError(Reason::kPluginAbi,
                   StrCat(plugin, " needs plugin ABI ", major, ".", minor_needed,
                          ", this server has ", TANDEM_ABI_MAJOR, ".", TANDEM_ABI_MINOR));
}

absl::StatusOr<AbiNote> InspectLibrary(std::string_view bytes) {
  Elf64_Ehdr elf;
  if (!ReadAt(bytes, 0, &elf) || std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) {
    return Refused("is not an ELF file");
  }
  if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_ident[EI_DATA] != ELFDATA2LSB ||
      elf.e_machine != kMachine) {
    return MakeError(Reason::kPluginAbi,
                     StrCat("lib/plugin.so is for another machine; this server runs on ", kArch));
  }
  if (elf.e_type != ET_DYN || elf.e_phentsize != sizeof(Elf64_Phdr) || elf.e_phnum > 128) {
    return Refused("is not a shared library");
  }
  // The linker writes the section table last: a file that holds it whole was not cut.
  const uint64_t sections = uint64_t{elf.e_shnum} * elf.e_shentsize;
  if (elf.e_shoff > bytes.size() || sections > bytes.size() - elf.e_shoff) {
    return Refused("is cut short");
  }
  std::optional<AbiNote> note;
  for (unsigned i = 0; i < elf.e_phnum; ++i) {
    Elf64_Phdr header;
    if (!ReadAt(bytes, elf.e_phoff + uint64_t{i} * sizeof(header), &header)) {
      return Refused("is cut short");
    }
    if (header.p_type == PT_INTERP) return Refused("is a program, not a library");
    if (header.p_type == PT_GNU_STACK && (header.p_flags & PF_X) != 0) {
      return Refused("wants an executable stack; link it with -Wl,-z,noexecstack");
    }
    if (header.p_offset > bytes.size() || header.p_filesz > bytes.size() - header.p_offset) {
      return Refused("is cut short");
    }
    std::string_view segment = bytes.substr(header.p_offset, header.p_filesz);
    if (header.p_type == PT_NOTE && !note) note = FindNote(segment);
    if (header.p_type == PT_DYNAMIC && HasTextRelocations(segment)) {
      return Refused("has text relocations; compile it with -fPIC");
    }
  }
  if (!note) {
    return MakeError(
        Reason::kPluginAbi,
        "lib/plugin.so has no TANDEM version note: it is not a plugin, or TANDEM_ABI_NOTE "
        "is missing");
  }
  return *note;
}

}  // namespace tandem::plugin
