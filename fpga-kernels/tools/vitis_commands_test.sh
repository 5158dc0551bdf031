#!/bin/sh
# What `make csynth`, `hw_emu` and `hw` would run, for each platform: v++, vitis_hls and emconfigutil are replaced by
# programs that refuse arguments which the real ones do not know and inputs that do not exist, write what they were
# asked for and record their command lines. Shows nothing about what Vitis makes of the source.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernels=$(cd kernels && echo *)
code=0

mkdir "$work/bin"
cat >"$work/bin/v++" <<'TOOL'
#!/bin/sh
echo "v++ $*" >>"$COMMANDS"
[ -z "${FAIL_AT:-}" ] || case " $* " in *" $FAIL_AT "*) echo "v++: told to fail" >&2; exit 1 ;; esac
mode= out= target= platform= kernel= inputs=
while [ $# -gt 0 ]; do
    case $1 in
        -c | -l | -p) mode=$mode$1 ;;
        -t) target=$2; shift ;;
        --platform) platform=$2; shift ;;
        -k | --kernel) kernel=$2; shift ;;
        -o) out=$2; shift ;;
        --config) [ -f "$2" ] || { echo "v++: no file $2" >&2; exit 1; }; shift ;;
        --kernel_frequency | --temp_dir | --log_dir) shift ;;
        --save-temps) ;;
        -I*) [ -d "${1#-I}" ] || { echo "v++: no folder ${1#-I}" >&2; exit 1; } ;;
        -*) echo "v++: unknown option $1" >&2; exit 1 ;;
        *) [ -f "$1" ] || { echo "v++: no file $1" >&2; exit 1; }; inputs="$inputs $1" ;;
    esac
    shift
done
case $target in hw_emu | hw) ;; *) echo "v++: target '$target'" >&2; exit 1 ;; esac
[ -n "$platform" ] && [ -n "$out" ] && [ -n "$inputs" ] || { echo "v++: something is missing" >&2; exit 1; }
case $mode$kernel in -c?*) grep -q "extern \"C\" void $kernel(" $inputs || exit 1 ;; -l | -p) ;; *) exit 1 ;; esac
echo built >"$out"
TOOL
cat >"$work/bin/vitis_hls" <<'TOOL'
#!/bin/sh
echo "vitis_hls $* KERNEL=$KERNEL PART=$PART CLOCK_MHZ=$CLOCK_MHZ" >>"$COMMANDS"
[ "$1" = -f ] && [ -f "$2" ] && [ -f "$ROOT/kernels/$KERNEL/$KERNEL.cpp" ]
TOOL
cat >"$work/bin/emconfigutil" <<'TOOL'
#!/bin/sh
echo "emconfigutil $*" >>"$COMMANDS"
[ "$1" = --platform ] && [ -n "$2" ] && [ "$3" = --od ] && [ -d "$4" ]
TOOL
chmod +x "$work/bin/"*

verdict() {
    if [ "$2" = yes ]; then echo "PASS $1"; else
        echo "FAIL $1 $3"
        code=1
    fi
}
# Runs make with the tools above; its output and the tools' command lines are in $work.
run() {
    : >"$work/commands"
    env -u MAKEFLAGS -u MAKELEVEL PATH="$work/bin:$PATH" COMMANDS="$work/commands" FAIL_AT="${FAIL_AT:-}" \
        make -s BUILD="$work/build" "$@" >"$work/output" 2>&1
}
has() { grep -qE -- "$1" "$work/commands"; }

for case in xilinx_u250_gen3x16_xdma_4_1_202210_1:card:u250:xcu250-figd2104-2L-e \
    xilinx_u250_gen3x16_xdma_4_1_202210_1:host:u250-host:xcu250-figd2104-2L-e \
    xilinx_u55c_gen3x16_xdma_3_202210_1:card:u55c:xcu55c-fsvh2892-2L-e \
    xilinx_u55c_gen3x16_xdma_3_202210_1:host:u55c-host:xcu55c-fsvh2892-2L-e; do
    platform=${case%%:*} rest=${case#*:}
    memory=${rest%%:*} rest=${rest#*:}
    files=${rest%%:*} part=${rest#*:}
    for target in hw_emu hw; do
        good=yes
        run "$target" PLATFORM="$platform" MEMORY="$memory" || good=no
        for kernel in $kernels; do
            has "^v\+\+ -c -t $target --platform $platform .*--kernel $kernel .*kernels/$kernel/$kernel.cpp -o .*$kernel.xo$" &&
                has "^v\+\+ -l -t $target --platform $platform .*--config kernels/$kernel/$files.cfg .*/$kernel.xo " || good=no
        done
        has "^v\+\+ -p -t $target --platform $platform .*link.xclbin -o .*/jpegact.xclbin$" || good=no
        # hw_emu needs the description of the emulated board beside the xclbin.
        has "^emconfigutil --platform $platform --od .*/$target$" || good=no
        [ "$(wc -l <"$work/commands")" -eq $(($(echo "$kernels" | wc -w) + 3)) ] || good=no
        verdict "$target/$files" $good "$(tr '\n' ';' <"$work/output" | head -c 300)"
    done
    good=yes
    run csynth PLATFORM="$platform" || good=no
    for kernel in $kernels; do
        has "^vitis_hls -f .*csynth.tcl KERNEL=$kernel PART=$part CLOCK_MHZ=300$" || good=no
    done
    verdict "csynth/$files" $good "$(tr '\n' ';' <"$work/output" | head -c 300)"
done

# Built for one platform is not taken for another, and nothing is built twice.
good=yes
run hw || good=no
[ ! -s "$work/commands" ] || good=no
verdict up_to_date $good "a second make ran the tools again"

good=yes
rm -rf "$work/build"
if FAIL_AT=-l run hw; then good=no; fi
find "$work/build" -name jpegact.xclbin | grep -q . && good=no
verdict failure_of_the_linker $good "make went on after v++ failed"

good=yes
if run hw PLATFORM=xilinx_u280_gen3x16_xdma_1_202211_1; then good=no; fi
grep -q 'is of no card' "$work/output" || good=no
verdict unknown_platform $good "$(cat "$work/output")"

# Without Vitis: one loud line, and nothing else happens.
rm "$work/bin/"*
for target in csynth hw_emu hw; do
    good=yes
    if command -v v++ >/dev/null || command -v vitis_hls >/dev/null; then
        echo "SKIP without_vitis/$target Vitis is installed here"
        continue
    fi
    rm -rf "$work/build"
    run "$target" || good=no
    grep -q "^SKIPPED: $target needs " "$work/output" && [ ! -e "$work/build" ] || good=no
    verdict "without_vitis/$target" $good "$(cat "$work/output")"
done
exit $code
