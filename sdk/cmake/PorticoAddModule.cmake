# portico_add_module(NAME VERSION X.Y.Z SOURCES a.c … [USES "portico.db 1.0, …"] [LIBRARIES …] [WERROR])
# portico_add_module(NAME VERSION X.Y.Z FILE other.so DEPENDS target … )
#
# Builds modules/NAME/NAME.so below the build directory, with everything a module directory holds:
# templates/, migrations/, locale/, assets/ and demo/ beside the CMakeLists.txt that calls it, however deep.
# A changed, added or removed file of these is taken over by the next build. `cmake --install` puts
# the directory into lib/portico/modules, as the component portico_NAME.
#
# NAME is the module's id. VERSION, USES and the id become PORTICO_MODULE_VERSION, _USES and _ID
# unless a source defines them itself. They stand in the ELF note of the file, which is the module's
# manifest: `portico module inspect` and `readelf --notes` show it.
#
# SOURCES are C (C17) or C++ (C++17, or the standard that the project asks for). The target is
# module_NAME; symbols are hidden, what is undefined must be in a library that is named in LIBRARIES
# or in libc, and the file is hardened as far as the compiler can. WERROR, or -DPORTICO_WERROR=ON,
# makes warnings errors.
#
# FILE is a shared object that another step builds, such as rustc; DEPENDS names the targets that
# make it. SOURCES are then not needed.
#
# DIRECTORY is the folder below the build directory, `modules` if it is not given; only what lies in
# `modules` is installed.
set(PORTICO_SDK_CMAKE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
option(PORTICO_WERROR "Warnings in modules are errors" OFF)

function(portico_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 MODULE "WERROR" "VERSION;USES;DIRECTORY;FILE" "SOURCES;LIBRARIES;DEPENDS")
  if(MODULE_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "portico_add_module(${name}) does not know: ${MODULE_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT name MATCHES "^[a-z][a-z0-9-]*$")
    message(FATAL_ERROR "portico_add_module: \"${name}\" is not a module's name: lower-case letters, "
      "digits and \"-\", a letter first")
  endif()
  if(NOT MODULE_SOURCES AND NOT MODULE_FILE)
    message(FATAL_ERROR "portico_add_module(${name}) needs SOURCES, or FILE")
  endif()
  if(DEFINED MODULE_VERSION AND NOT MODULE_VERSION MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+$")
    message(FATAL_ERROR "portico_add_module(${name}): VERSION \"${MODULE_VERSION}\" is not of the form 1.2.3")
  endif()
  if(NOT MODULE_DIRECTORY)
    set(MODULE_DIRECTORY modules)
  endif()
  set(directory ${PROJECT_BINARY_DIR}/${MODULE_DIRECTORY}/${name})
  if(MODULE_FILE)
    portico_module_from_file()
  else()
    portico_module_from_sources()
  endif()
  portico_module_files()
  if(NOT MODULE_DIRECTORY STREQUAL "modules")
    return()
  endif()
  if(NOT CMAKE_INSTALL_LIBDIR)
    set(CMAKE_INSTALL_LIBDIR lib)
  endif()
  # A module that others could write is not loaded: the modes are set, whatever the umask was.
  set(permissions PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  set(destination DESTINATION ${CMAKE_INSTALL_LIBDIR}/portico/modules/${name})
  if(MODULE_FILE)
    install(FILES ${directory}/${name}.so ${destination} ${permissions} COMPONENT portico_${name})
  else()
    install(TARGETS module_${name} LIBRARY ${destination} ${permissions} COMPONENT portico_${name})
  endif()
  foreach(kind templates migrations locale assets demo)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${kind})
      install(DIRECTORY ${kind} ${destination}
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ COMPONENT portico_${name})
    endif()
  endforeach()
endfunction()

# The steps of the function above; they read its variables.
macro(portico_module_from_sources)
  set(target module_${name})
  set(optimized "$<NOT:$<OR:$<CONFIG:Debug>,$<CONFIG:>>>")
  string(CONCAT flags "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}")
  add_library(${target} MODULE ${MODULE_SOURCES})
  target_compile_features(${target} PRIVATE c_std_17)
  target_compile_options(${target} PRIVATE -Wall -Wextra -fvisibility=hidden -fstack-protector-strong
    $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    $<$<OR:$<BOOL:${MODULE_WERROR}>,$<BOOL:${PORTICO_WERROR}>>:-Werror>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
    target_compile_options(${target} PRIVATE -fcf-protection)
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages AND CMAKE_CXX_COMPILE_FEATURES)
    target_compile_features(${target} PRIVATE cxx_std_17)
  endif()
  # The sanitizers look at memory themselves, and with Clang their symbols come from the program.
  if(NOT flags MATCHES "-fsanitize=")
    target_compile_options(${target} PRIVATE "$<${optimized}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  endif()
  # Templates of the C++ library and objects of static libraries would be visible otherwise.
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack
    -Wl,--version-script=${PORTICO_SDK_CMAKE_DIRECTORY}/portico-module.map)
  if(NOT flags MATCHES "-fsanitize=" OR CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  target_link_libraries(${target} PRIVATE ${MODULE_LIBRARIES})
  target_compile_definitions(${target} PRIVATE PORTICO_MODULE_ID="${name}")
  if(MODULE_VERSION)
    target_compile_definitions(${target} PRIVATE PORTICO_MODULE_VERSION="${MODULE_VERSION}")
  endif()
  if(MODULE_USES)
    target_compile_definitions(${target} PRIVATE PORTICO_MODULE_USES="${MODULE_USES}")
  endif()
  if(TARGET Portico::SDK)
    target_link_libraries(${target} PRIVATE Portico::SDK)
  else()
    target_include_directories(${target} PRIVATE ${PORTICO_SDK_CMAKE_DIRECTORY}/../../include)
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX ".so" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${directory})
  foreach(configuration ${CMAKE_CONFIGURATION_TYPES})
    string(TOUPPER ${configuration} configuration)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY_${configuration} ${directory})
  endforeach()
endmacro()

macro(portico_module_from_file)
  get_filename_component(file ${MODULE_FILE} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})
  add_custom_command(OUTPUT ${directory}/${name}.so
    COMMAND ${CMAKE_COMMAND} -E copy ${file} ${directory}/${name}.so
    DEPENDS ${file} ${MODULE_DEPENDS} VERBATIM)
  add_custom_target(module_${name} ALL DEPENDS ${directory}/${name}.so)
endmacro()

# The build asks for a new configuration when one of these files changes, comes or goes.
macro(portico_module_files)
  foreach(kind templates migrations locale assets demo)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${kind}/*)
    file(GLOB_RECURSE copies RELATIVE ${directory} ${directory}/${kind}/*)
    foreach(file ${files})
      configure_file(${file} ${directory}/${file} COPYONLY)
    endforeach()
    if(copies AND files)
      list(REMOVE_ITEM copies ${files})
    endif()
    foreach(file ${copies})
      file(REMOVE ${directory}/${file})
    endforeach()
  endforeach()
endmacro()

include(${CMAKE_CURRENT_LIST_DIR}/PorticoAddModuleTest.cmake)
