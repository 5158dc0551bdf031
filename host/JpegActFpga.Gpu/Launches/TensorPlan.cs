using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Gpu.Launches;

/// <summary>A tensor's frame on the GPU: where its sections lie in a lane's memory, and what the kernels are told.</summary>
/// <remarks>
/// The lane's frame memory holds the frame from its scales on, in the frame's own layout, so that one transfer moves it. Its
/// work memory holds what is gone after the call: status, tile states and the encoder's scales.
/// </remarks>
internal readonly struct TensorPlan
{
    /// <summary>Kernels count rows, planes and blocks in 32 bits.</summary>
    private const long MaxCount = int.MaxValue;

    /// <summary>Decoders read values in words of 16 bytes: the last may reach past the frame.</summary>
    private const int SlackBytes = 16;

    private const int StatusBytes = 64;

    internal TensorPlan(TensorSpec spec, CodecMethod method, ScaleMode scaleMode)
    {
        Spec = spec;
        Method = method;
        Layout = new FrameLayout(spec.Shape, method, scaleMode);
        BlockGeometry geometry = Layout.Geometry;
        TensorShape shape = spec.Shape;
        if (geometry.Blocks > MaxCount || geometry.Rows > MaxCount || shape.W > MaxCount || geometry.BlocksPerRow > MaxCount)
        {
            throw new BackendException(BackendFailure.Unsupported, $"A tensor {spec} has more rows, columns or blocks than the GPU's kernels count ({MaxCount}).");
        }
    }

    internal TensorSpec Spec { get; }

    internal CodecMethod Method { get; }

    internal FrameLayout Layout { get; }

    /// <summary>Gets the bytes of the frame memory at most.</summary>
    internal long FrameBytes => Layout.ValuesOffset - Layout.ScalesOffset + MaxValueBytes + SlackBytes;

    /// <summary>Gets the bytes of the work memory, all zero at the start.</summary>
    internal long WorkBytes => StatusBytes + (sizeof(ulong) * Layout.Geometry.Tiles) + (sizeof(float) * Layout.ScaleCount);

    private long MaxValueBytes => Method switch
    {
        CodecMethod.JpegAct => Layout.Geometry.Blocks * BlockGeometry.BlockValues,
        CodecMethod.Sfpr or CodecMethod.SfprZvc => Layout.Geometry.Elements,
        _ => 0,
    };

    private long ElementBytes => Spec.ElementType.ByteSize();

    /// <summary>Gives what an encoder is told.</summary>
    internal CodecArguments Encoding(CodecProfile profile, ulong tensor, ulong frame, ulong work)
    {
        CodecArguments arguments = Common(tensor, frame);
        arguments.Status = work;
        arguments.TileStates = work + StatusBytes;
        arguments.Scales = arguments.TileStates + (ulong)(sizeof(ulong) * Layout.Geometry.Tiles);
        arguments.FullScale = 128f * profile.FullScale;
        SetShifts(ref arguments, profile.Shifts);
        (arguments.TileValueBytes, arguments.ValueBytes) = Method switch
        {
            CodecMethod.Raw => (TileElements * (uint)ElementBytes, (ulong)Spec.ByteCount),
            CodecMethod.Sfpr => (TileElements, (ulong)Layout.Geometry.Elements),
            _ => (0u, 0ul),
        };
        return arguments;
    }

    /// <summary>Gives what a decoder is told.</summary>
    internal CodecArguments Decoding(FrameHeader header, ulong tensor, ulong frame)
    {
        CodecArguments arguments = Common(tensor, frame);
        arguments.Lowest = header.NonNegative ? 0 : sbyte.MinValue;
        SetShifts(ref arguments, header.Shifts);
        return arguments;
    }

    private const uint TileElements = BlockGeometry.TileBlocks * BlockGeometry.BlockValues;

    private static void SetShifts(ref CodecArguments arguments, ShiftTable shifts)
    {
        for (int k = 0; k < ShiftTable.Count; k++)
        {
            arguments.Shifts[k % 8] |= (uint)shifts.CoefficientOrder[k] << (4 * (k / 8));
        }
    }

    private CodecArguments Common(ulong tensor, ulong frame)
    {
        BlockGeometry geometry = Layout.Geometry;
        TensorShape shape = Spec.Shape;
        ulong origin = frame - (ulong)Layout.ScalesOffset;
        return new CodecArguments
        {
            Tensor = tensor,
            Values = Method == CodecMethod.Raw ? tensor : origin + (ulong)Layout.ValuesOffset,
            Masks = Layout.MaskBytes == 0 ? 0 : origin + (ulong)Layout.MasksOffset,
            TileOffsets = origin + (ulong)Layout.TileOffsetsOffset,
            TileChecksums = origin + (ulong)Layout.TileChecksumsOffset,
            InverseScales = frame,
            Elements = (ulong)geometry.Elements,
            PlaneElements = (ulong)(shape.H * shape.W),
            Rows = (uint)geometry.Rows,
            Width = (uint)geometry.Width,
            PlaneRows = (uint)geometry.PlaneRows,
            Planes = (uint)(shape.N * shape.C),
            ScaleCount = (uint)Layout.ScaleCount,
            BlocksPerRow = (uint)geometry.BlocksPerRow,
            Blocks = (uint)geometry.Blocks,
            Tiles = (uint)geometry.Tiles,
            ByBlocksPerRow = Divisor.Of(geometry.BlocksPerRow),
            ByPlaneRows = Divisor.Of(geometry.PlaneRows),
            ByScaleCount = Divisor.Of(Layout.ScaleCount),
            ByPlaneElements = Divisor.Of(shape.H * shape.W < TileElements ? shape.H * shape.W : 0),
        };
    }
}
