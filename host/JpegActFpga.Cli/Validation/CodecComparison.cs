using JpegActFpga.Cli.Files;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>Holds a device to the reference codec: equal bytes, both ways. Safe from any thread.</summary>
/// <param name="device">The device.</param>
internal sealed class CodecComparison(ICodecBackend device)
{
    private long _frames;
    private long _blocks;

    /// <summary>Gets the frames compared so far.</summary>
    internal long Frames => Interlocked.Read(ref _frames);

    /// <summary>Gets their blocks.</summary>
    internal long Blocks => Interlocked.Read(ref _blocks);

    /// <summary>Compresses and expands with both.</summary>
    /// <param name="test">The tensor and the profile.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MismatchException">They disagree, or the device failed.</exception>
    internal async Task CheckAsync(TensorCase test, CancellationToken cancellationToken)
    {
        using OwnedTensor tensor = test.CreateTensor();
        long room = FrameLayout.MaxFrameBytes(test.Spec, test.Profile);
        using NativeBuffer expected = HostMemory.Allocate(room, "the reference's frame");
        using NativeBuffer actual = HostMemory.Allocate(room, "the device's frame");
        CompressResult reference = ReferenceCodec.Encode(tensor.View, test.Profile, expected.Bytes, cancellationToken);
        CompressResult found;
        try
        {
            found = await device.CompressAsync(tensor.View, test.Profile, actual.Bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BackendException error)
        {
            throw new MismatchException($"compressing {test}: {error.Message}");
        }

        NativeSpan<byte> frame = expected.Bytes.Slice(0, reference.FrameBytes);
        if (FrameDifference.Find(frame, actual.Bytes.Slice(0, found.FrameBytes)) is { } difference)
        {
            throw new MismatchException($"compressing {test}: {difference}");
        }

        await CheckExpansionAsync(test.ToString(), FrameReader.Open(frame), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Expands a frame with both.</summary>
    /// <param name="label">What it is, for messages.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MismatchException">They disagree, or the device failed.</exception>
    internal async Task CheckExpansionAsync(string label, FrameReader frame, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _blocks, frame.Layout.Geometry.Blocks);
        if (!device.Capabilities.Methods.Contains(frame.Header.Method))
        {
            return;
        }

        using OwnedTensor expected = OwnedTensor.Create(frame.Header.Spec);
        using OwnedTensor actual = OwnedTensor.Create(frame.Header.Spec, Poison);
        ReferenceCodec.Decode(frame, expected.View, cancellationToken);
        try
        {
            await device.ExpandAsync(frame, actual.View, cancellationToken).ConfigureAwait(false);
        }
        catch (BackendException error)
        {
            throw new MismatchException($"expanding {label}: {error.Message}");
        }

        if (TensorDifference.Find(expected.View, actual.View, frame.Header.Method) is { } difference)
        {
            throw new MismatchException($"expanding {label}: {difference}");
        }
    }

    // An element that the device leaves unwritten must not pass for a zero.
    private static void Poison(NativeSpan<byte> bytes)
    {
        const int Part = 1 << 28;
        for (long at = 0; at < bytes.Length; at += Part)
        {
            bytes.AsSpan(at, (int)Math.Min(Part, bytes.Length - at)).Fill(0xa5);
        }
    }
}
