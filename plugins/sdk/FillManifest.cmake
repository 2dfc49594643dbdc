# Writes ${BUNDLE}/manifest.json from ${MANIFEST}: the author's fields as they are, and id, version, kind,
# abi, arch and the SHA-256 of lib/plugin.so. Run by tandem_add_plugin after each link; written whole, then
# renamed, so that nobody reads half a manifest.
cmake_minimum_required(VERSION 3.19)

file(READ ${MANIFEST} json)
foreach(pair "id=${ID}" "version=${VERSION}")
  string(REGEX MATCH "^([a-z]+)=(.*)$" unused ${pair})
  set(key ${CMAKE_MATCH_1})
  set(value ${CMAKE_MATCH_2})
  string(JSON written ERROR_VARIABLE absent GET ${json} ${key})
  if(NOT absent AND NOT written STREQUAL value)
    message(FATAL_ERROR "${MANIFEST}: ${key} is '${written}', but tandem_add_plugin says '${value}'")
  endif()
  string(JSON json SET ${json} ${key} "\"${value}\"")
endforeach()
foreach(default "manifest|1" "kind|\"native\"" "arch|\"${ARCH}\"" "abi|{\"major\": 1, \"needs_minor\": 0}")
  string(REPLACE "|" ";" default "${default}")
  list(GET default 0 key)
  list(GET default 1 value)
  string(JSON written ERROR_VARIABLE absent GET ${json} ${key})
  if(absent)
    string(JSON json SET ${json} ${key} ${value})
  endif()
endforeach()
file(SHA256 ${BUNDLE}/lib/plugin.so digest)
string(JSON json SET ${json} files "{\"lib/plugin.so\": \"sha256:${digest}\"}")
file(WRITE ${BUNDLE}/manifest.json.new "${json}\n")
# Never writable for others: the server refuses a bundle that somebody else could change.
file(CHMOD ${BUNDLE} ${BUNDLE}/lib ${BUNDLE}/lib/plugin.so
  PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
file(CHMOD ${BUNDLE}/manifest.json.new PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(RENAME ${BUNDLE}/manifest.json.new ${BUNDLE}/manifest.json)
