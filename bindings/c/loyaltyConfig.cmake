# Targets: loyalty::loyalty (shared) and loyalty::static. Paths start from this file, so the prefix may lie anywhere.

get_filename_component(_loyalty_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET loyalty::loyalty)
  add_library(loyalty::loyalty SHARED IMPORTED)
  set_target_properties(loyalty::loyalty PROPERTIES
    IMPORTED_LOCATION "${_loyalty_prefix}/lib/libloyalty.so.1"
    IMPORTED_SONAME "libloyalty.so.1"
    INTERFACE_INCLUDE_DIRECTORIES "${_loyalty_prefix}/include")

  add_library(loyalty::static STATIC IMPORTED)
  set_target_properties(loyalty::static PROPERTIES
    IMPORTED_LOCATION "${_loyalty_prefix}/lib/libloyalty.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_loyalty_prefix}/include"
    INTERFACE_LINK_LIBRARIES "-lpthread;-ldl;-lm")
endif()

unset(_loyalty_prefix)
