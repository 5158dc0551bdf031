#!/usr/bin/env bash
# Holds every C++ and CUDA file to .clang-format; the last line is "N passed, N failed, N skipped". With --fix it formats them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
formatter=$(command -v clang-format-19) || { echo "FAIL clang-format-19 is missing: apt-get install clang-format-19"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
mode=(--dry-run --Werror)
[[ ${1:-} != --fix ]] || mode=(-i)
passed=0 failed=0
while IFS= read -r -d '' file; do
    if problem=$("$formatter" "${mode[@]}" "$file" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s (tests/cpp-format.sh --fix mends it)\n%s\n' "$file" "$(head -n 3 <<<"$problem")"
    fi
done < <(find driver-bindings fpga-kernels host tests \( -name bin -o -name obj -o -name artifacts \) -prune -o \
    -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) -print0 | sort -z)
echo "$passed passed, $failed failed, 0 skipped"
[[ $failed -eq 0 ]]
