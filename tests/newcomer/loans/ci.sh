#!/bin/sh
# Builds with warnings as errors, examines the file and runs the tests: for any continuous integration.
# It needs cmake, a C compiler and an installed portico with its SDK.
set -eu
cd "$(dirname "$0")"
cmake -B build -DPORTICO_WERROR=ON
cmake --build build
portico module check build/modules/loans/loans.so
ctest --test-dir build --output-on-failure
