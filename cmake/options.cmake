# Compiler options that all of Weft is built with.
add_library(weft_options INTERFACE)
target_include_directories(weft_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(weft_options INTERFACE
  -Wall -Wextra
  # Guests see IEEE 754 arithmetic as written.
  -ffp-contract=off -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(weft_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-designated-field-initializers>)
else()
  target_compile_options(weft_options INTERFACE 
    # GCC 12 warns of copies in std::string that are none (its bug 105329).
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers> -Wno-restrict)
endif()
if(WEFT_WERROR)
  target_compile_options(weft_options INTERFACE -Werror)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # SSE4.2 and popcnt: every x86-64 server since 2009.
  target_compile_options(weft_options INTERFACE -march=x86-64-v2)
endif()
if(WEFT_SANITIZE)
  target_compile_options(weft_options INTERFACE
    -fsanitize=${WEFT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(weft_options INTERFACE -fsanitize=${WEFT_SANITIZE})
endif()
