using JpegActFpga.Backends.Conformance;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>Counts what calls of the backend allocate once they ran.</summary>
internal static class CallGarbage
{
    /// <summary>Compresses and expands a tensor that is large enough for several threads.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="method">The method.</param>
    /// <param name="allocated">Reads the count to watch.</param>
    /// <returns>Bytes that ten pairs of calls allocated, after two pairs that did not count.</returns>
    internal static long Measure(CpuBackend backend, CodecMethod method, Func<long> allocated)
    {
        var spec = new TensorSpec(ElementType.Float32, new TensorShape(8, 16, 40, 40));
        CodecProfile profile = ProfileOf(method);
        var @case = new CodecCase(spec, profile, TensorPattern.Smooth, Seed: 1);
        using GuardedBuffer source = GuardedBuffer.Of(@case.MakeTensor());
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        using var expanded = new NativeBuffer(spec.ByteCount);
        var view = new TensorView(spec, source.Bytes);
        var destination = new TensorView(spec, expanded.Bytes);
        long frameBytes = 0;
        FrameReader? frame = null;
        long start = 0;
        for (int call = 0; call < 12; call++)
        {
            if (call == 2)
            {
                start = allocated();
            }

#pragma warning disable CA2012 // Each is looked at once, and AsTask would allocate.
            ValueTask<CompressResult> compressed = backend.CompressAsync(view, profile, room.Bytes);
            frameBytes = compressed.IsCompletedSuccessfully ? compressed.Result.FrameBytes : throw new InvalidOperationException("The call is not done when it returns.");
            frame ??= FrameReader.Open(room.Bytes.Slice(0, frameBytes));
            if (!backend.ExpandAsync(frame, destination).IsCompletedSuccessfully)
            {
                throw new InvalidOperationException("The call is not done when it returns.");
            }
#pragma warning restore CA2012
        }

        return allocated() - start;
    }

    /// <summary>A profile of each method.</summary>
    internal static CodecProfile ProfileOf(CodecMethod method) => method switch
    {
        CodecMethod.JpegAct => CodecProfile.JpegAct(ShiftTables.OptsLow),
        CodecMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false),
        CodecMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true),
        CodecMethod.Brc => CodecProfile.Brc,
        _ => CodecProfile.Raw,
    };
}
