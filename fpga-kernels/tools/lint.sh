#!/bin/sh
# Checks the kernels' source without compiling it. usage: lint.sh PATH_OF_PRAGMA_LINT
set -u
lint=$1
cd_to=$(cd "$(dirname "$0")/.." && pwd)
case $lint in /*) ;; *) lint=$(pwd)/$lint ;; esac
cd "$cd_to" || exit 1
code=0

"$lint" --self-test tools/pragma_lint/cases.txt || code=1
"$lint" include/jpegact/*.hpp kernels/*/*.cpp kernels/*/*.hpp || code=1

# Conditional compilation only where the three ways to run a region part.
found=$(grep -nE '^ *# *(if|elif|ifdef|ifndef)' include/jpegact/*.hpp kernels/*/*.hpp kernels/*/*.cpp |
    grep -vE '(#ifndef JPEGACT_[A-Z0-9_]*_HPP$|^include/jpegact/dataflow.hpp:)')
if [ -n "$found" ]; then
    echo "FAIL conditional_compilation $found"
    code=1
else
    echo "PASS conditional_compilation"
fi

# Every constant of the one header that owns them is given to other languages too.
missing=
for name in $(sed -nE 's/^constexpr [a-z_0-9]+ (k[A-Za-z0-9]+) = .*/\1/p' include/jpegact/constants.hpp); do
    grep -qw "ADD($name)" tools/constants/constants_json.cpp || missing="$missing $name"
done
if [ -z "$missing" ] && grep -q kLayoutVersion include/jpegact/constants.hpp; then
    echo "PASS constants_are_exported"
else
    echo "FAIL constants_are_exported not in tools/constants/constants_json.cpp:$missing"
    code=1
fi

# kernel.json: the arguments of the top, in order, with the bundles of its pragmas.
for kernel in kernels/*; do
    name=$(basename "$kernel")
    pragmas=$(sed -nE 's/^#pragma HLS INTERFACE m_axi port = ([a-z_0-9]+) bundle = ([a-z0-9_]+).*/\1 \2/p' "$kernel/$name.cpp")
    in_json=$(sed -nE 's/.*"name": "([a-z_0-9]+)".*"bundle": "([a-z0-9_]+)".*/\1 \2/p' "$kernel/kernel.json")
    in_source=$(tr '\n' ' ' <"$kernel/$name.hpp" | sed -E 's/.*extern "C" void [a-z_]+\(([^)]*)\).*/\1/' | tr ',' '\n' |
        sed -E 's/.*[ *]([a-z_0-9]+) *$/\1/')
    listed=$(sed -nE 's/.*"index": ([0-9]+), "name": "([a-z_0-9]+)".*/\1 \2/p' "$kernel/kernel.json")
    numbered=$(printf '%s\n' "$in_source" | awk '{ print NR - 1, $1 }')
    if [ -n "$pragmas" ] && [ "$pragmas" = "$in_json" ] && [ "$listed" = "$numbered" ]; then
        echo "PASS manifest_of_$name"
    else
        echo "FAIL manifest_of_$name kernel.json and the source differ in arguments or bundles"
        code=1
    fi
done
exit $code
