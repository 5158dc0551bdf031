#!/usr/bin/env bash
# What llvm-mca says of a transform's loop as the JIT made it: cycles of one turn (two blocks on AVX2) and the pressure on
# each port. Needs a built Benchmarks project and llvm-mca (Debian's llvm-19).
# usage: ports.sh [forward|inverse [CPU]]     (forward, znver3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
case ${1:-forward} in
    forward) class=ForwardTransform call=encode-known ;;
    inverse) class=InverseTransform call=decode ;;
    *) echo "usage: ports.sh [forward|inverse [CPU]]" >&2; exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DOTNET_JitStdOutFile=$work/jit.txt DOTNET_JitDisasm="Run" DOTNET_JitDisasmDiffable=1 JPEGACT_ISA=avx2 \
    artifacts/bin/JpegActFpga.Benchmarks/release/JpegActFpga.Benchmarks codec --loop "$call" >/dev/null

# The loop is what lies between the label that the last backward jump names and that jump. The listing leaves out the
# last operand of two instructions, and names constants in its own way.
awk -v class="$class:Run" '/^; Assembly listing/ { inside = index($0, class) } inside' "$work/jit.txt" |
    awk '
        /^G_M[0-9]+_IG[0-9]+:/ { label = substr($1, 1, length($1) - 1); at[label] = n }
        /^ +j[a-z]+ / { if (($NF in at) && at[$NF] < n - 100) { first = at[$NF]; last = n } }
        /^ +[a-z]/ && !/^ +align/ { line[n++] = $0 }
        END { for (i = first; i < last; i++) print line[i] }' |
    sed -E 's/\[reloc @RWD([0-9]+)\]/[rip+\1]/; s/(vextracti128 xmm[0-9]+, ymm[0-9]+)$/\1, 1/; s/(vinserti128 .*\])$/\1, 1/; s/(vpbroadcastb ymm[0-9]+), ymm/\1, xmm/' >"$work/loop.s"
[[ -s $work/loop.s ]] || { echo "no loop found: the listing of this runtime looks otherwise" >&2; exit 1; }
{ echo ".intel_syntax noprefix"; cat "$work/loop.s"; } |
    llvm-mca-19 -mtriple=x86_64 -mcpu="${2:-znver3}" --iterations=300 >"$work/mca.txt"
awk '/^Instructions:/ { print "instructions a turn " $2 / 300 }
    /^Total Cycles:/ { print "cycles a turn " $3 / 300 }
    /^\[[0-9.]+\] +- Zn3FP/ { name[$1] = $3 }
    /^Resource pressure per iteration/ { getline head; getline value; k = split(head, h); split(value, v); for (i = 1; i <= k; i++) if (h[i] in name) print name[h[i]] " " v[i] }' "$work/mca.txt"
