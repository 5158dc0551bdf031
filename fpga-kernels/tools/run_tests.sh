#!/bin/sh
# Runs the lint and every build of the testbench; prefixes each test's name with its build, and sums up.
# usage: run_tests.sh [--only] BUILD_FOLDER TEST_BUILD...   (--only: nothing but these builds of the testbench)
set -u
only=
if [ "$1" = --only ]; then
    only=yes
    shift
fi
build=$1
shift
here=$(dirname "$0")
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A run that ends badly without a FAIL line of its own (a crash, a sanitiser) still counts as one.
collect() {
    name=$1
    shift
    output=$("$@" 2>&1)
    code=$?
    printf '%s\n' "$output" | grep -v '^[0-9]* passed, ' | sed -E "s/^(PASS|FAIL|SKIP) /\1 $name\//" | tee -a "$log"
    if [ $code -ne 0 ] && ! printf '%s\n' "$output" | grep -q '^FAIL '; then
        echo "FAIL $name ended with exit code $code" | tee -a "$log"
    elif [ $code -eq 0 ] && printf '%s\n' "$output" | grep -q '^FAIL '; then
        echo "FAIL $name reported a failure but ended with exit code 0" | tee -a "$log"
    fi
    # The vendor's streams only warn of items that are left in them, and of reads of nothing.
    if printf '%s\n' "$output" | grep -q '^WARNING'; then
        echo "FAIL $name printed warnings" | tee -a "$log"
    fi
}

if [ -z "$only" ]; then
    collect lint sh "$here/lint.sh" "$build/pragma_lint"
    collect model "$build/model_test" $KERNEL_FILES
    collect fifo_depths "$build/fifo_depths" --test
    collect vitis_commands sh "$here/vitis_commands_test.sh"
fi
for each in "$@"; do
    collect "$each" "$build/testbench_$each"
done
if [ -z "$only" ]; then
    case " $* " in
        *" clang "*)
            collect resources sh "$here/resources/test.sh" "$build/resources" $KERNEL_FILES
            collect steps sh "$here/steps_test.sh" "$build/resources/steps.ll" "$here/../steps/steps.hpp"
            ;;
        *) echo "SKIP clang there is no $CLANG here (Debian: clang-19, libclang-rt-19-dev)" | tee -a "$log" ;;
    esac
    case " $* " in
        *" vendor "*) ;;
        *) echo "SKIP vendor the vendor's headers are not here (README.md says where to get them)" | tee -a "$log" ;;
    esac
fi

passed=$(grep -c '^PASS ' "$log")
failed=$(grep -c '^FAIL ' "$log")
skipped=$(grep -c '^SKIP ' "$log")
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
