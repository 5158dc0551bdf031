#!/usr/bin/env bash
# Builds, runs and tests JpegActFpga. See usage below, or README.md.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD

usage() {
    cat <<'TEXT'
usage: ./build.sh [COMMAND [ARGS]]

  (none)         install what is missing, build everything
  train [ARGS]   build, then train a CNN with its activations compressed by the card (jpegact train ARGS)
  test           build, then run every test; the last line is "N passed, N failed, N skipped"
  bench [ARGS]   build, then run the benchmarks: codec, fuzz, overhead; gpu (on a GPU);
                 soak --minutes 20 --seed 1 (training under random faults)
  jpegact ARGS   build, then run the command line: devices, doctor, validate, compress, ... (jpegact --help)
  sample         build, then run host/samples/OwnModel: a training loop of its own that uses the library
  clean          remove everything that was built

Environment:
  XILINX_XRT      XRT installation of a real card (/opt/xilinx/xrt); unset: the emulated card of this repository
  JPEGACT_XCLBIN  xclbin to load, with its manifest beside it; unset: the emulated card's
TEXT
}

say() { printf '%s\n' "build.sh: $*" >&2; }
die() { say "$*"; exit 1; }

out=$root/artifacts
card=$out/emulated-card/xrt
xclbin=$out/bitstreams/jpegact-emulated.xclbin
payload=$out/kernels/jpegact-csim.so
# Paths in the environment are the caller's.
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s' "$caller/$1" ;; esac; }
[[ -z ${XILINX_XRT:-} ]] || XILINX_XRT=$(absolute "${XILINX_XRT%/}")
[[ -z ${JPEGACT_XCLBIN:-} ]] || JPEGACT_XCLBIN=$(absolute "$JPEGACT_XCLBIN")
testing=no
emulated=yes
if [[ -n ${XILINX_XRT:-} && $XILINX_XRT != "$card" ]]; then
    emulated=no
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

# ---- what the machine must have --------------------------------------------------------------------------------------

# Takes the first dotnet with a .NET 10 SDK, and tells the programs built here where its runtime is.
need_sdk() {
    local candidate on_path sdks
    on_path=$(command -v dotnet || true)
    for candidate in "${on_path:+$(dirname "$(readlink -f "$on_path")")}" "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
        [[ -n $candidate && -x $candidate/dotnet ]] || continue
        sdks=$(DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$candidate/dotnet" --list-sdks 2>/dev/null || true)
        if [[ $'\n'$sdks == *$'\n'10.* ]]; then
            export PATH="$candidate:$PATH" DOTNET_ROOT="$candidate"
            return
        fi
    done
    die "the .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download/dotnet/10.0) and run this again"
}

# Debian packages, each with the reason it is needed.
packages() {
    echo ca-certificates        # NuGet over TLS
    echo libssl3
    echo libicu72               # the SDK's own command line
    echo g++                    # kernels' C simulation, card plug-in
    echo make
    echo binutils               # objcopy, ar for the card plug-in
    echo libgomp1               # libtorch
    echo dataset-fashion-mnist  # the images the default job trains on
    if [[ $command == bench ]]; then
        echo libturbojpeg0      # what the benchmarks set the codec beside, and the reader of photographs
        echo liblz4-1
        echo libzstd1
        echo mate-backgrounds   # photographs
    fi
    command -v nvcc >/dev/null || echo clang-19 # CUDA kernels to PTX; no CUDA toolkit is needed
    if [[ $emulated == yes ]]; then
        echo libxrt1            # the real XRT runtime
        echo libxrt-dev         # its headers and the objects the card plug-in is linked with
        echo libxrt-utils
        echo libboost-dev       # headers that libxrt-dev includes
        echo uuid-dev
    fi
    if [[ $testing == yes ]]; then
        echo clang-19           # the second compiler of the kernels' tests
        echo libclang-rt-19-dev # its sanitisers
        echo clang-format-19    # the style of C++ and CUDA files
    fi
}

need_packages() {
    command -v dpkg-query >/dev/null || { say "no dpkg here: make sure that these Debian packages' content is installed: $(packages | tr '\n' ' ')"; return; }
    local missing=() package
    for package in $(packages); do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    if [[ $(id -u) -ne 0 ]]; then
        die "these packages are missing; run: sudo sh -c 'apt-get update && apt-get install --no-install-recommends ${missing[*]}'"
    fi
    say "installing ${missing[*]}"
    mkdir -p "$out"
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$out/apt.log" 2>&1; then
        tail -n 5 "$out/apt.log" >&2
        die "apt-get could not install ${missing[*]} (its output: artifacts/apt.log)"
    fi
}

# ---- building --------------------------------------------------------------------------------------------------------

# True when a file below the given folders is newer than the stamp. Keeps a second run quick.
stale() {
    local stamp=$1
    shift
    [[ ! -e $stamp ]] && return 0
    [[ -n $(find "$@" \( -name bin -o -name obj \) -prune -o -newer "$stamp" -print -quit 2>/dev/null) ]]
}

quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        grep -E 'error|Error|ERROR' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
        die "failed: $* (whole output: ${log#"$root"/})"
    fi
}

build_kernels() {
    quietly "$out/log/cuda.log" make -C host/JpegActFpga.Gpu/Kernels OUT=../../../artifacts/gpu
    quietly "$out/log/gpu.log" make -C driver-bindings/emulated-gpu OUT=../../artifacts/emulated-gpu
    [[ $emulated == yes ]] || return 0
    mkdir -p "$out/kernels"
    # Relative to the makefiles, because make splits paths at spaces.
    quietly "$out/log/kernels.log" make -C fpga-kernels csim-lib OUT=../artifacts/kernels/jpegact-csim.so
    quietly "$out/log/card.log" make -C driver-bindings/emulated-card OUT=../../artifacts/emulated-card/xrt
}

build_dotnet() {
    local what=$1 stamp=$out/.built-$2
    stale "$stamp" host driver-bindings bitstreams tests "$out/gpu" ./*.props ./*.sln ./.editorconfig ./global.json || return 0
    say "building $what"
    mkdir -p "$out"
    touch "$stamp.new"
    quietly "$out/log/dotnet-$2.log" dotnet build "$what" -c Release -nologo -v minimal
    mv "$stamp.new" "$stamp"
}

pack_xclbin() {
    [[ $emulated == yes ]] || return 0
    local recipe=bitstreams/emulated-card.json packer=$out/bin/JpegActFpga.XclbinPacker/release/xclbin-packer
    if [[ ! -e $xclbin || $payload -nt $xclbin || $recipe -nt $xclbin || $packer.dll -nt $xclbin ]] ||
        ! "$packer" verify "$xclbin" >/dev/null 2>&1; then
        mkdir -p "$(dirname "$xclbin")"
        quietly "$out/log/pack.log" "$packer" pack --recipe "$recipe" --payload "$payload" --sources fpga-kernels --out "$xclbin"
    fi
}

build() {
    need_sdk
    need_packages
    # One build at a time; a command that was built goes on without the lock.
    mkdir -p "$out"
    exec 9>"$out/.lock"
    if ! flock --nonblock 9; then
        say "another build is at work here; waiting for it"
        flock --wait 1800 9 || die "another build holds artifacts/.lock for half an hour: end it and run this again"
    fi
    build_kernels
    if [[ $1 == all ]]; then
        build_dotnet JpegActFpga.sln all
    elif stale "$out/.built-all" host driver-bindings bitstreams "$out/gpu" ./*.props ./.editorconfig ./global.json; then
        build_dotnet bitstreams/JpegActFpga.XclbinPacker packer
        build_dotnet host/JpegActFpga.Cli cli
    fi
    pack_xclbin
    exec 9>&-
    if [[ $emulated == yes ]]; then
        export XILINX_XRT=$card JPEGACT_XCLBIN=${JPEGACT_XCLBIN:-$xclbin}
        unset XCL_EMULATION_MODE # left over from a Vitis shell, it would make XRT load AMD's simulator
    else
        export XILINX_XRT
        [[ -z ${JPEGACT_XCLBIN:-} ]] || export JPEGACT_XCLBIN
    fi
}

# ---- tests -----------------------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0

# Adds the counts of a line "N passed, N failed, N skipped"; anything else is a failure.
count_plain() {
    local name=$1 log=$2 rc=$3 line
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1 || true)
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        add "$name" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "$rc" "$log"
    else
        add "$name" 0 1 0 "$rc" "$log"
    fi
}

# Adds the counts of xunit's summary line.
count_xunit() {
    local name=$1 log=$2 rc=$3 line
    line=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 || true)
    if [[ $line =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
        local total=${BASH_REMATCH[1]} bad=$((BASH_REMATCH[2] + BASH_REMATCH[3])) skip=${BASH_REMATCH[4]}
        add "$name" $((total - BASH_REMATCH[3] - skip)) "$bad" "$skip" "$rc" "$log"
    else
        add "$name" 0 1 0 "$rc" "$log"
    fi
}

add() {
    local name=$1 p=$2 f=$3 s=$4 rc=$5 log=$6
    # A runner that fails without counting a failure crashed; exit code 8 says that every test was skipped.
    if [[ $rc -ne 0 && $rc -ne 8 && $f -eq 0 ]]; then f=1; fi
    if [[ $((p + f + s)) -eq 0 ]]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-40s %5d passed %4d failed %4d skipped  %4ds\n' "$name" "$p" "$f" "$s" "$((SECONDS - started))"
    if [[ $f -ne 0 ]]; then
        grep -E '^FAIL|\[FAIL\]' -A 12 "$log" | head -n 100 || true
        tail -n 20 "$log"
    fi
    if [[ $s -ne 0 ]]; then grep -E '^SKIP|\[SKIP\]' -A 1 "$log" | head -n 20 || true; fi
}

# Runs one suite with a limit, so that a hang is a failure and not a stuck build.
suite() {
    local kind=$1 name=$2 limit=$3
    shift 3
    local log=$out/log/test-$name.log rc=0
    mkdir -p "$out/log"
    started=$SECONDS
    timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null || rc=$?
    if [[ $rc -eq 124 || $rc -eq 137 ]]; then echo "$name ran past its limit of $limit s" >>"$log"; fi
    "count_$kind" "$name" "$log" "$rc"
}

run_tests() {
    suite plain cpp-format 120 tests/cpp-format.sh
    suite plain kernels 1200 make -C fpga-kernels test
    suite plain emulated-gpu 120 make -C driver-bindings/emulated-gpu OUT=../../artifacts/emulated-gpu test
    suite plain emulated-card 600 make -C driver-bindings/emulated-card OUT=../../artifacts/emulated-card/xrt test
    local project name
    for project in tests/*.Tests; do
        name=$(basename "$project")
        local exe=$out/bin/$name/release/$name
        [[ -x $exe ]] || exe=$out/bin/$name/release_linux-x64/$name
        suite xunit "$name" 900 "$exe" -noLogo -noColor
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 ]]
}

# ---- commands --------------------------------------------------------------------------------------------------------

# A program that was built, where the caller stands: its arguments name the caller's files.
run() {
    local program=$1
    shift
    cd "$caller"
    exec "$out/bin/$program" "$@"
}

jpegact() { run JpegActFpga.Cli/release_linux-x64/jpegact "$@"; }

# Activations of a network that this project trained, for "bench codec": made once, as long as the program stays the same.
bench_activations() {
    local folder=$out/bench/fashion-mnist program=$out/bin/JpegActFpga.Cli/release_linux-x64/jpegact
    if [[ ! -e $folder/.made || $program.dll -nt $folder/.made ]]; then
        say "training a network for its activations"
        rm -rf "$folder"
        mkdir -p "$folder"
        quietly "$out/log/bench-train.log" "$program" train --method none --epochs 1 --save-activations "$folder" --save-step 937
        touch "$folder/.made"
    fi
    printf '%s' "$folder"
}

# "bench overhead" compares the bindings with a C++ program, on a kernel of its own: the emulated card's.
host_overhead() {
    [[ ${1:-} == overhead ]] || return 0
    [[ $emulated == yes ]] || die "bench overhead needs the emulated card: unset XILINX_XRT"
    export JPEGACT_HOST_OVERHEAD=$out/host-overhead
    quietly "$out/log/host-overhead.log" make -C tests/HostOverhead OUT=../../artifacts/host-overhead
}

# The tests disturb cards: they get the emulated one, whatever card the environment names.
test_environment() {
    emulated=yes testing=yes
    unset XILINX_XRT JPEGACT_XCLBIN XCL_EMULATION_MODE JPEGACT_CARD_FAULTS JPEGACT_CARD_COUNT JPEGACT_CUDA_LIBRARY JPEGACT_GPU_FAULTS
}

command=${1:-build}
[[ $# -gt 0 ]] && shift
case $command in
    build) build all ;;
    train) build cli; jpegact train "$@" ;;
    test) test_environment; build all; run_tests ;;
    bench)
        if [[ ${1:-} == soak ]]; then
            test_environment
            build all
            run JpegActFpga.Faults.Tests/release_linux-x64/JpegActFpga.Faults.Tests "$@"
        fi
        build all
        if [[ ${1:-} == gpu ]]; then
            shift
            run JpegActFpga.Gpu.Benchmarks/release/JpegActFpga.Gpu.Benchmarks "$@"
        fi
        host_overhead "$@"
        if [[ ${1:-} == codec && " $* " != *" --activations "* && " $* " != *" --loop "* ]]; then
            activations=$(bench_activations)
            set -- "$@" --activations "$activations"
        fi
        run JpegActFpga.Benchmarks/release/JpegActFpga.Benchmarks "$@"
        ;;
    jpegact) build cli; jpegact "$@" ;;
    sample) build all; run OwnModel/release_linux-x64/OwnModel ;;
    clean) rm -rf "$out" ;;
    -h | --help | help) usage ;;
    *) usage >&2; exit 2 ;;
esac
