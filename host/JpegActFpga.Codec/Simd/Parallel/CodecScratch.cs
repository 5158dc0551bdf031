using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Codec.Simd.Transform;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Memory that one thread reuses from call to call, so that a call allocates nothing once it ran.</summary>
/// <remarks>About 50 KiB, and 4 bytes a scale. Freed by the garbage collector when its thread is gone.</remarks>
#pragma warning disable CA1001 // Lives as long as its thread; the buffers' own finalizers free them.
internal sealed unsafe class CodecScratch
#pragma warning restore CA1001
{
    [ThreadStatic]
    private static CodecScratch? _ofThread;

    private readonly NativeBuffer _memory = new(TileScratch.Bytes + TransformTables.Bytes + EncodeJob.ChunkRoom, NativeBuffer.LineBytes);
    private NativeBuffer? _scales;

    private CodecScratch() => Tables.Reset();

    /// <summary>Gets the calling thread's own.</summary>
    internal static CodecScratch OfThread => _ofThread ??= new CodecScratch();

    /// <summary>Gets the job with which this thread scans.</summary>
    internal ScanJob ScanJob { get; } = new();

    /// <summary>Gets the job with which this thread encodes.</summary>
    internal EncodeJob EncodeJob { get; } = new();

    /// <summary>Gets the job with which this thread decodes.</summary>
    internal DecodeJob DecodeJob { get; } = new();

    /// <summary>Gets the memory of the kernels.</summary>
    internal TileScratch Tile => new(_memory.Bytes.Pointer);

    /// <summary>Gets the memory of the transform's tables.</summary>
    internal TransformTables Tables => new(_memory.Bytes.Pointer + TileScratch.Bytes);

    /// <summary>Gets room for the values of a chunk of tiles.</summary>
    internal byte* Chunk => _memory.Bytes.Pointer + TileScratch.Bytes + TransformTables.Bytes;

    /// <summary>Gives room for scales.</summary>
    /// <param name="count">Number of scales.</param>
    internal NativeSpan<uint> Scales(long count)
    {
        if (_scales is null || _scales.ByteLength < count * sizeof(uint))
        {
            _scales?.Dispose();
            _scales = new NativeBuffer(Math.Max(1024, checked(2 * count * sizeof(uint))), NativeBuffer.LineBytes);
        }

        return _scales.Bytes.Cast<uint>().Slice(0, count);
    }
}
