#!/usr/bin/env bash
# Checks the GPU codec on a machine that has an NVIDIA driver, and a Python torch where training is to be checked: no .NET, no
# compiler, no network. See usage below and docs/gpu.md.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: tests/gpu-check.sh pack [DIR]
         here: publishes the programs, with the .NET runtime, without a libtorch, with the data set, into DIR (artifacts/gpu-check)
       DIR/gpu-check.sh run [--libtorch DIR] [--report FILE] [--seconds N] [--quick]
         there: conformance, benchmark and training within N seconds (480); writes one report, gpu-check-report.txt.
         --quick: a part of the conformance suite, no figures, python3 is not asked: shows that the check itself works
         exit status: 0 nothing failed, 1 something did, 3 there is no GPU

Environment of run:
  JPEGACT_CUDA_LIBRARY  the driver's library (libcuda.so.1); the emulated GPU's shows that the script works, and no figures
  JPEGACT_LIBTORCH      lib folder of a torch with CUDA, as --libtorch; without both, python3 is asked
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ---- pack ------------------------------------------------------------------------------------------------------------

pack() {
    local root to build
    root=$(dirname "$here")
    to=$(realpath -m "${1:-$root/artifacts/gpu-check}")
    build=$root/artifacts/gpu-check-build # apart: another restore of the same projects must not disturb the usual build
    mkdir -p "$to"
    publish() {
        local project=$1 name=$2
        shift 2
        echo "gpu-check: publishing $name" >&2
        dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained false -p:ArtifactsPath="$build" -p:DebugType=none \
            -nodeReuse:false -m:1 -nologo -v quiet -o "$to/$name" "$@" >"$to/$name.log" 2>&1 || { tail -n 20 "$to/$name.log" >&2; return 1; }
        rm "$to/$name.log"
    }
    publish host/JpegActFpga.Cli jpegact -p:WithoutLibTorch=true &&
        publish tests/JpegActFpga.Gpu.Tests tests &&
        publish tests/JpegActFpga.Training.Tests training-tests -p:WithoutLibTorch=true &&
        publish tests/JpegActFpga.Gpu.Benchmarks bench &&
        pack_runtime "$to/dotnet" || return 1
    mkdir -p "$to/data"
    cp /usr/share/datasets/fashion-mnist/* "$to/data/" 2>/dev/null || echo "gpu-check: no data set here (apt-get install dataset-fashion-mnist): training will be skipped" >&2
    cp "$here/gpu-check.sh" "$to/"
    du -sh "$to" >&2
}

# One runtime for all the programs, that of the SDK here.
pack_runtime() {
    local version folder
    read -r _ version folder < <(dotnet --list-runtimes | grep '^Microsoft.NETCore.App 10[.]' | tail -n 1)
    folder=${folder#[} folder=${folder%]}
    [[ -d $folder/$version ]] || { echo "gpu-check: dotnet --list-runtimes shows no .NET 10 runtime" >&2; return 1; }
    rm -rf "$1"
    mkdir -p "$1/shared/Microsoft.NETCore.App"
    cp -r "$folder/$version" "$1/shared/Microsoft.NETCore.App/" && cp -r "$folder/../../host" "$1/"
}

# ---- run -------------------------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0 last=0

say() { printf '%s\n' "$*" | tee -a "$report"; }

# Runs a step with a limit, never past the end of the whole; 3 is "no device" and counts as skipped. A process that is stuck in
# the driver outlives its killing: it is left behind.
step() {
    local name=$1 limit=$2 left rc=0 began=$SECONDS log pid
    shift 2
    left=$((deadline - SECONDS - 4)) # what killing takes
    if [[ $left -le 1 ]]; then
        skip "$name" "no time is left of $seconds s"
        return
    fi
    [[ $limit -le $left ]] || limit=$left
    log=$(mktemp)
    say "---- $name: $*"
    timeout --kill-after=3 "$limit" "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null && [[ $((SECONDS - began)) -le $((limit + 4)) ]]; do
        sleep 0.1
    done
    if kill -0 $pid 2>/dev/null; then
        rc=137
        disown $pid
    else
        wait $pid || rc=$?
    fi
    last=$rc
    tail -n "${lines:-60}" "$log" | tee -a "$report"
    rm "$log"
    case $rc in
        0) passed=$((passed + 1)) && say "PASS $name, $((SECONDS - began)) s" ;;
        3) skipped=$((skipped + 1)) && say "SKIP $name: see above" ;;
        124 | 137) failed=$((failed + 1)) && say "FAIL $name: ran past $limit s" ;;
        *) failed=$((failed + 1)) && say "FAIL $name: exit status $rc, $((SECONDS - began)) s" ;;
    esac
}

skip() {
    skipped=$((skipped + 1))
    say "SKIP $1: $2"
}

find_libtorch() {
    [[ -n ${JPEGACT_LIBTORCH:-} ]] && return
    JPEGACT_LIBTORCH=$(timeout --kill-after=1 30 python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))' 2>/dev/null || true)
    export JPEGACT_LIBTORCH
}

train() {
    local images=$1
    shift
    "$here/jpegact/jpegact" train --compute cuda --model resnet20 --data "fashion-mnist:$here/data" --images "$images" --test-images 2000 --batch 512 --epochs 1 "$@"
}
export here

run() {
    seconds=480 quick=no
    report=$PWD/gpu-check-report.txt
    while [[ $# -gt 0 ]]; do
        case $1 in
            --libtorch) export JPEGACT_LIBTORCH=${2:?--libtorch needs a folder} && shift 2 ;;
            --report) report=$(realpath -m "${2:?--report needs a file}") && shift 2 ;;
            --seconds) seconds=${2:?--seconds needs a number} && shift 2 ;;
            --quick) quick=yes && shift ;;
            *) usage >&2 && exit 2 ;;
        esac
    done
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "gpu-check: --seconds takes a whole number from 1 on, not '$seconds'" >&2; exit 2; }
    for part in jpegact tests training-tests bench; do
        [[ -d $here/$part ]] || { echo "gpu-check: $here has no $part: run the script of a folder that 'tests/gpu-check.sh pack' made" >&2; exit 2; }
    done
    deadline=$((SECONDS + seconds))
    [[ ! -d $here/dotnet ]] || export DOTNET_ROOT=$here/dotnet
    export JPEGACT_CUDA_LIBRARY=${JPEGACT_CUDA_LIBRARY:-libcuda.so.1}
    emulated=no
    [[ $JPEGACT_CUDA_LIBRARY == *libcuda-emulated* ]] && emulated=yes
    rm -f "${report%.txt}.json" # of a run before
    : >"$report" || exit 2
    say "GPU check, $(date -u +%FT%TZ), $(uname -sr), $(grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs), library $JPEGACT_CUDA_LIBRARY"
    local not_a_gpu="EMULATED GPU: this run shows that the check works, and nothing about a GPU"
    [[ $emulated == no ]] || say "$not_a_gpu"
    if [[ $emulated == no ]]; then
        command -v nvidia-smi >/dev/null &&
            say "$(timeout --kill-after=1 20 nvidia-smi --query-gpu=name,driver_version,memory.total,pcie.link.gen.current,pcie.link.width.current,clocks.max.sm,clocks.max.mem --format=csv 2>&1)"
        [[ -r /proc/driver/nvidia/version ]] && say "$(head -n 1 /proc/driver/nvidia/version)"
    fi
    # Without a GPU the tests skip what matters, and would seem to pass.
    step every-part-once 90 "$here/bench/JpegActFpga.Gpu.Benchmarks" --check
    if [[ $last -eq 3 ]]; then
        say "there is no GPU to check"
        exit 3
    fi
    if [[ $emulated == no ]] && grep -q 'EMULATED GPU' "$report"; then
        emulated=yes # under another name
        say "$not_a_gpu"
    fi
    export JPEGACT_LIBTORCH=${JPEGACT_LIBTORCH:-}
    [[ $quick == yes ]] || find_libtorch
    if [[ -n $JPEGACT_LIBTORCH ]]; then
        say "libtorch $JPEGACT_LIBTORCH, $(sed -n "s/^__version__ = //p" "$JPEGACT_LIBTORCH/../version.py" 2>/dev/null || echo 'of an unknown version')"
        step doctor 60 "$here/jpegact/jpegact" doctor --data "$here/data"
    else
        skip doctor "it needs a libtorch: name one by --libtorch"
    fi
    local part=()
    [[ $quick == no ]] || part=(-class JpegActFpga.Gpu.Tests.GpuStagingTests)
    lines=25 step conformance 200 "$here/tests/JpegActFpga.Gpu.Tests" -noLogo -noColor "${part[@]}"
    if [[ $emulated == yes ]]; then
        skip bench "the EMULATED GPU's times say nothing about a GPU"
    elif [[ $quick == yes ]]; then
        skip bench "--quick"
    else
        step bench 120 "$here/bench/JpegActFpga.Gpu.Benchmarks" --json "${report%.txt}.json"
    fi
    local why=
    if [[ $quick == yes ]]; then
        why=--quick
    elif [[ -z $JPEGACT_LIBTORCH ]]; then
        why="no libtorch with CUDA is named, and python3 has no torch"
    elif [[ ! -e $JPEGACT_LIBTORCH/libtorch_cuda.so ]]; then
        why="$JPEGACT_LIBTORCH has no libtorch_cuda.so"
    fi
    if [[ -n $why ]]; then
        skip torch-on-the-GPU "$why"
        skip training "$why"
    else
        # What dropout draws again, integers, gradients: bit-equal. A test that skips itself here has not been passed.
        lines=25 step torch-on-the-GPU 90 "$here/training-tests/JpegActFpga.Training.Tests" -noLogo -noColor -failSkips -class "JpegActFpga.Training.Tests.OnGpu.*"
        if [[ ! -e $here/data/train-images-idx3-ubyte.gz ]]; then
            skip training "no data set was packed"
        else
            export -f train
            lines=40 step training 100 bash -c 'train 20480 --backend gpu'
            lines=40 step training-raw 80 bash -c 'train 20480 --method raw --no-compare'
            lines=40 step training-by-the-processor 80 bash -c 'train 4096 --backend cpu --no-compare'
        fi
    fi
    [[ ! -e ${report%.txt}.json ]] || { say "---- figures"; cat "${report%.txt}.json" >>"$report"; }
    say "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 ]]
}

command=${1:-}
[[ $# -gt 0 ]] && shift
case $command in
    pack) pack "$@" ;;
    run) run "$@" ;;
    *) usage >&2 && exit 2 ;;
esac
