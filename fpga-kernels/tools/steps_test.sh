#!/bin/sh
# Each step, compiled by itself with its loops unrolled, must be feed-forward: no loop, no call, no memory of its own, no
# variable. A pipeline can then take a new input every cycle whatever its depth. usage: steps_test.sh STEPS.LL STEPS.HPP
set -u
code=0
for step in $(sed -nE 's/^void (step_[a-z_]+)\(.*/\1/p' "$2"); do
    # Blocks are numbered in the order of the text, so a jump that does not go forward is a loop.
    found=$(awk -v name="$step" '
        /^define / { inside = index($0, "@_Z" length(name) name) != 0; seen += inside }
        /^}/ { inside = 0 }
        !inside { next }
        /^[0-9]+:/ { at = $1 + 0 }
        / = alloca |invoke / { print "memory of its own, or a call that throws:" $0 }
        / call / && !/@llvm\./ { print "call:" $0 }
        /^ *(br|switch) / {
            line = $0
            while (match(line, /label %[0-9]+/)) {
                if (substr(line, RSTART + 7, RLENGTH - 7) + 0 <= at) { print "loop:" $0 }
                line = substr(line, RSTART + RLENGTH)
            }
        }
        /(load|store) .*@[A-Za-z_]/ { print "variable:" $0 }
        END { if (seen != 1) { print "not found once, but " seen + 0 " times" } }' "$1" | head -3)
    if [ -z "$found" ]; then echo "PASS $step"; else
        echo "FAIL $step is not feed-forward:" $found
        code=1
    fi
done
exit $code
