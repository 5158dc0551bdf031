using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Backends;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>The contract suite on each instruction set's path, by itself and with helper threads.</summary>
public abstract class IsaContractTests(CodecIsa isa, int threads) : CodecBackendContract
{
    protected override int CasesPerMethod => 120;

    // AVX-512 runs on halves where only AVX2 is there: the path is held to the reference on every x64 machine.
    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate() =>
        CodecIsas.IsSupported(isa == CodecIsa.Avx512 ? CodecIsa.Avx2 : isa)
            ? (new CpuBackend(new SimdCodec(isa, threads, evenIfEmulated: true)), null)
            : (null, $"This machine has no {isa.DisplayName()} instructions.");
}

public class ScalarContractTests() : IsaContractTests(CodecIsa.Scalar, threads: 1);

public class Vector128ContractTests() : IsaContractTests(CodecIsa.Vector128, threads: 1);

public class Avx2ContractTests() : IsaContractTests(CodecIsa.Avx2, threads: 1);

public class Avx512ContractTests() : IsaContractTests(CodecIsa.Avx512, threads: 1);

public class ThreadedContractTests() : IsaContractTests(CodecIsas.Best, threads: 4);
