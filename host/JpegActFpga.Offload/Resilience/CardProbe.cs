using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Resilience;

/// <summary>What a device must do right before it is trusted with an activation: a tensor of its own, there and back by each method, compared with the reference byte for byte.</summary>
internal static class CardProbe
{
    // 1,152 blocks: enough that a card splits it among its compute units, so that each is tried.
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(2, 9, 64, 64));

    /// <summary>Probes a device.</summary>
    /// <param name="backend">The device; one that does not reach host memory can't be probed from here, and passes.</param>
    /// <param name="limit">How long the probe may take.</param>
    /// <param name="cancellationToken">Ends the wait for the device.</param>
    /// <exception cref="BackendException">The device failed, its bytes differ (<see cref="BackendFailure.CorruptOutput"/>), or a call did not end (<see cref="BackendFailure.Unresponsive"/>): then it keeps the probe's memory until it does.</exception>
    internal static async Task RunAsync(ICodecBackend backend, TimeSpan limit, CancellationToken cancellationToken)
    {
        Task probe = Task.Run(() => RunAsync(backend, cancellationToken), CancellationToken.None);
        try
        {
            await probe.WaitAsync(limit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!probe.IsFaulted)
        {
            throw new BackendException(BackendFailure.Unresponsive, $"{backend.Capabilities.Device}: a call of the probe did not end within {limit.TotalSeconds:0.###} s.");
        }
    }

    // Frees its memory when it ends, whenever that is: nobody else does.
    private static async Task RunAsync(ICodecBackend backend, CancellationToken cancellationToken)
    {
        if ((backend.Capabilities.Memory & MemoryKind.Host) == 0)
        {
            return;
        }

        using var source = new NativeBuffer(Spec.ByteCount);
        Fill(source.Bytes.Cast<float>());
        foreach (CodecMethod method in backend.Capabilities.Methods.Order())
        {
            await RunAsync(backend, new TensorView(Spec, source.Bytes), ProfileOf(method), cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(ICodecBackend backend, TensorView source, CodecProfile profile, CancellationToken cancellationToken)
    {
        long most = FrameLayout.MaxFrameBytes(Spec, profile);
        using var expectedRoom = new NativeBuffer(most);
        using var madeRoom = new NativeBuffer(most);
        CompressResult expected = ReferenceCodec.Encode(source, profile, expectedRoom.Bytes, cancellationToken);
        CompressResult made = await backend.CompressAsync(source, profile, madeRoom.Bytes, cancellationToken).ConfigureAwait(false);
        NativeSpan<byte> frame = expectedRoom.Bytes.Slice(0, expected.FrameBytes);
        Demand(made == expected && MemoryComparison.FirstDifference(madeRoom.Bytes.Slice(0, made.FrameBytes), frame) < 0, backend, profile, "frame");

        using var expectedTensor = new NativeBuffer(Spec.ByteCount);
        using var expandedTensor = new NativeBuffer(Spec.ByteCount);
        FrameReader reader = FrameReader.Open(frame);
        ReferenceCodec.Decode(reader, new TensorView(Spec, expectedTensor.Bytes), cancellationToken);
        await backend.ExpandAsync(reader, new TensorView(Spec, expandedTensor.Bytes), cancellationToken).ConfigureAwait(false);
        Demand(MemoryComparison.FirstDifference(expandedTensor.Bytes, expectedTensor.Bytes) < 0, backend, profile, "expanded tensor");
    }

    private static CodecProfile ProfileOf(CodecMethod method) => method switch
    {
        CodecMethod.JpegAct => CodecProfile.JpegAct(ShiftTables.OptsHigh),
        CodecMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false),
        CodecMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true),
        CodecMethod.Brc => CodecProfile.Brc,
        _ => CodecProfile.Raw,
    };

    private static void Demand(bool good, ICodecBackend backend, CodecProfile profile, string what)
    {
        if (!good)
        {
            throw new BackendException(BackendFailure.CorruptOutput, $"{backend.Capabilities.Device}: the probe's {what} of method {profile.Method.DisplayName()} differs from the reference.");
        }
    }

    // Smooth with noise, a third of it zeros, another range in each channel: scales, signs and masks all matter.
    private static void Fill(NativeSpan<float> elements)
    {
        var random = new Random(20200530);
        long plane = Spec.Shape.H * Spec.Shape.W;
        for (long i = 0; i < elements.Length; i++)
        {
            double wave = Math.Sin(0.07 * (i % plane)) + (0.5 * (random.NextDouble() - 0.5));
            elements[i] = wave < -0.5 ? 0 : (float)(wave * (1 + (i / plane)));
        }
    }
}
