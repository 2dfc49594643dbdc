# How to build a plugin bundle, inside this tree or out of it:
#
#   include(<sdk>/TandemPlugin.cmake)
#   tandem_add_plugin(travel VERSION 1.0.0 SOURCES travel.cc MANIFEST manifest.json)
#
# makes the target tandem_plugin_travel and the bundle folder
# ${TANDEM_PLUGIN_OUTPUT_DIR}/travel-1.0.0/{manifest.json,lib/plugin.so}. The manifest is the
# given one with id, version, abi, arch and the files' SHA-256 filled in when the library is linked.
# LIBRARIES adds libraries to link. TANDEM_PLUGIN_OUTPUT_DIR is ${CMAKE_BINARY_DIR}/plugins unless set.
include_guard(GLOBAL)

set(TANDEM_SDK_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Folder of tandem_plugin.h")
set(TANDEM_PLUGIN_OUTPUT_DIR ${CMAKE_BINARY_DIR}/plugins CACHE PATH "Where plugin bundles are built")

function(tandem_add_plugin id)
  cmake_parse_arguments(ARG "" "VERSION;MANIFEST" "SOURCES;LIBRARIES" ${ARGN})
  foreach(needed VERSION MANIFEST SOURCES)
    if(NOT ARG_${needed})
      message(FATAL_ERROR "tandem_add_plugin(${id}): ${needed} is missing")
    endif()
  endforeach()
  set(target tandem_plugin_${id})
  set(bundle ${TANDEM_PLUGIN_OUTPUT_DIR}/${id}-${ARG_VERSION})
  get_filename_component(manifest ${ARG_MANIFEST} ABSOLUTE)

  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME plugin SUFFIX .so LIBRARY_OUTPUT_DIRECTORY ${bundle}/lib
    POSITION_INDEPENDENT_CODE ON BUILD_WITH_INSTALL_RPATH ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${TANDEM_SDK_DIR}/tandem_plugin.map;${TANDEM_SDK_DIR}/FillManifest.cmake;${manifest}"
    TANDEM_BUNDLE ${bundle})
  target_compile_features(${target} PRIVATE c_std_11 cxx_std_17)
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  target_include_directories(${target} PRIVATE ${TANDEM_SDK_DIR})
  target_link_options(${target} PRIVATE -Wl,-Bsymbolic -Wl,-z,relro,-z,now,-z,noexecstack
    -Wl,--version-script=${TANDEM_SDK_DIR}/tandem_plugin.map)
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DID=${id} -DVERSION=${ARG_VERSION} -DMANIFEST=${manifest} -DBUNDLE=${bundle}
            -DARCH=${CMAKE_SYSTEM_PROCESSOR}-linux-gnu -P ${TANDEM_SDK_DIR}/FillManifest.cmake
    BYPRODUCTS ${bundle}/manifest.json VERBATIM)
endfunction()
