using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>What a child process does: says which path it really got, and holds it to the reference.</summary>
internal static class IsaChild
{
    /// <summary>The child met what it was told to expect.</summary>
    internal const int Met = 0;

    /// <summary>It did not.</summary>
    internal const int Missed = 1;

    /// <summary>What a child that counts garbage is told to expect.</summary>
    internal const string NoGarbage = "no-garbage";

    /// <summary>Runs the child.</summary>
    /// <param name="expected">Short name of the instruction set, "refused", or <see cref="NoGarbage"/>.</param>
    internal static int Run(string expected)
    {
        if (expected == NoGarbage)
        {
            return CountGarbage();
        }

        CpuBackend backend;
        try
        {
            backend = new CpuBackend();
        }
        catch (Exception error) when (error is PlatformNotSupportedException or ArgumentException)
        {
            Console.WriteLine($"refused: {error.Message}");
            return expected == "refused" ? Met : Missed;
        }

        CodecIsa isa = CodecIsas.Choose();
        Console.WriteLine($"chose {isa.ShortName()}: {backend.Capabilities.Device}");
        if (isa.ShortName() != expected || !backend.Capabilities.Device.Contains(isa.DisplayName(), StringComparison.Ordinal))
        {
            return Missed;
        }

        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            foreach (int side in new[] { 7, 14, 32 })
            {
                foreach (CodecProfile profile in Profiles())
                {
                    var @case = new CodecCase(new TensorSpec(type, new TensorShape(3, 5, side, side)), profile, TensorPattern.Smooth, Seed: side);
                    DemandSame(backend, @case);
                }
            }
        }

        return Met;
    }

    // The runtime's own threads allocate now and then: the quietest of a few tries counts.
    private static int CountGarbage()
    {
        const int Tries = 5;
        var backend = new CpuBackend(new CpuBackendOptions { Threads = 4 });
        bool met = true;
        foreach (CodecMethod method in Enum.GetValues<CodecMethod>())
        {
            long least = Enumerable.Range(0, Tries).Min(_ => CallGarbage.Measure(backend, method, () => GC.GetTotalAllocatedBytes(precise: true)));
            Console.WriteLine($"{method}: {least} bytes");
            met &= least == 0;
        }

        return met ? Met : Missed;
    }

    private static IEnumerable<CodecProfile> Profiles() =>
    [
        CodecProfile.JpegAct(ShiftTables.OptsLow),
        CodecProfile.JpegAct(ShiftTables.OptsHigh, QuantiserRounding.Truncate, 1f, ScaleMode.PerPlane),
        CodecProfile.Sfpr(zeroValueCompression: false),
        CodecProfile.Sfpr(zeroValueCompression: true),
        CodecProfile.Brc,
        CodecProfile.Raw,
    ];

    private static void DemandSame(CpuBackend backend, CodecCase @case)
    {
        using GuardedBuffer source = GuardedBuffer.Of(@case.MakeTensor());
        var tensor = new TensorView(@case.Spec, source.Bytes);
        using var expected = new GuardedBuffer(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile));
        using var actual = new GuardedBuffer(expected.Length);
        CompressResult reference = ReferenceCodec.Encode(tensor, @case.Profile, expected.Bytes);
        CompressResult result = backend.CompressAsync(tensor, @case.Profile, actual.Bytes).AsTask().GetAwaiter().GetResult();
        Assert.Equal(reference, result);
        Assert.Equal(expected.ToArray(reference.FrameBytes), actual.ToArray(result.FrameBytes));

        FrameReader frame = FrameReader.Open(actual.Bytes.Slice(0, result.FrameBytes));
        using var expectedElements = new GuardedBuffer(@case.Spec.ByteCount);
        using var elements = new GuardedBuffer(@case.Spec.ByteCount);
        ReferenceCodec.Decode(frame, new TensorView(@case.Spec, expectedElements.Bytes));
        backend.ExpandAsync(frame, new TensorView(@case.Spec, elements.Bytes)).AsTask().GetAwaiter().GetResult();
        Assert.Equal(expectedElements.ToArray(), elements.ToArray());
    }
}
