using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Codec.Simd.Parallel;
using JpegActFpga.Codec.Simd.Staging;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Simd;

/// <summary>The codec on vectors and several threads: the reference's bytes at the speed of memory.</summary>
/// <remarks>
/// Thread-safe. A call works on its caller's thread and, where the tensor is large, on the process' helper threads. Once
/// a thread made a call of a kind, further ones allocate nothing.
/// </remarks>
public sealed unsafe class SimdCodec
{
    // Below it, waking a thread costs more than it gives.
    private const long ParallelBytes = 1 << 19;

    /// <summary>Initializes a new instance of the <see cref="SimdCodec"/> class.</summary>
    /// <param name="isa">The instruction set.</param>
    /// <param name="threads">Threads of a call at most, its caller's included; 1 or more.</param>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the instruction set.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There must be at least one thread.</exception>
    public SimdCodec(CodecIsa isa, int threads)
        : this(isa, threads, evenIfEmulated: false)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="SimdCodec"/> class for tests.</summary>
    /// <param name="isa">The instruction set.</param>
    /// <param name="threads">Threads of a call at most.</param>
    /// <param name="evenIfEmulated">Allow AVX-512 on a machine with AVX2 alone, where halves do its work.</param>
    internal SimdCodec(CodecIsa isa, int threads, bool evenIfEmulated)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        CodecIsas.Demand(evenIfEmulated && isa == CodecIsa.Avx512 ? CodecIsa.Avx2 : isa);
        Isa = isa;
        Threads = threads;
    }

    /// <summary>Gets the instruction set.</summary>
    public CodecIsa Isa { get; }

    /// <summary>Gets the threads of a call at most.</summary>
    public int Threads { get; }

    /// <summary>Compresses a tensor.</summary>
    /// <param name="source">A tensor in host memory.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes, 8-byte aligned.</param>
    /// <param name="cancellationToken">Looked at first, then every few tiles.</param>
    /// <returns>The frame's size and method.</returns>
    /// <exception cref="ArgumentException">The destination is too small for the largest frame, or not aligned.</exception>
    public CompressResult Encode(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (Isa == CodecIsa.Scalar)
        {
            return ReferenceCodec.Encode(source, profile, destination, cancellationToken);
        }

        FrameLayout.DemandRoom(source.Spec, profile, destination);
        cancellationToken.ThrowIfCancellationRequested();
        CodecScratch scratch = CodecScratch.OfThread;
        if (!profile.Method.HasScales())
        {
            return EncodeTiles(source, profile, default, default, destination, scratch, cancellationToken);
        }

        NativeSpan<uint> maxBits = scratch.Scales(BlockGeometry.ScaleCount(source.Spec.Shape, profile.ScaleMode));
        TensorScanResult scan = Scan(source, maxBits, scratch, cancellationToken);
        return scan.AnyNonFinite
            ? EncodeTiles(source, CodecProfile.Raw, default, scan, destination, scratch, cancellationToken)
            : EncodeTiles(source, profile, maxBits, scan, destination, scratch, cancellationToken);
    }

    /// <summary>Expands a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">A tensor of the frame's type and shape in host memory.</param>
    /// <param name="cancellationToken">Looked at first, then every few tiles.</param>
    /// <exception cref="ArgumentException">The destination is not of the frame's type and shape.</exception>
    /// <exception cref="InvalidFrameException">A tile that was not checked on opening is damaged; the destination is undefined.</exception>
    public void Decode(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (Isa == CodecIsa.Scalar)
        {
            ReferenceCodec.Decode(frame, destination, cancellationToken);
            return;
        }

        ReferenceCodec.DemandSameTensor(frame, destination);
        cancellationToken.ThrowIfCancellationRequested();
        if (frame.Layout.Geometry.Tiles == 0)
        {
            return;
        }

        CodecScratch scratch = CodecScratch.OfThread;
        TileKernels kernels = TileKernels.Of(Isa, destination.Spec.ElementType);
        FrameHeader header = frame.Header;
        var plan = new TilePlan
        {
            Method = header.Method,
            Lowest = header.NonNegative ? (sbyte)0 : sbyte.MinValue,
            Geometry = frame.Layout.Geometry,
            ElementBytes = destination.Spec.ElementType.ByteSize(),
            Tensor = destination.Bytes.Pointer,
            Scales = frame.Scales.Pointer,
            ScaleCount = frame.Layout.ScaleCount,
            Tables = scratch.Tables,
            Masks = frame.Masks.Pointer,
            Values = frame.Values.Pointer,
            ValueRoom = header.ValueBytes,
            TileOffsets = frame.TileOffsets.Pointer,
        };
        if (header.Method == CodecMethod.JpegAct)
        {
            plan.Tables.Fill(header.Shifts.CoefficientOrder, kernels.GroupBlocks);
        }

        scratch.DecodeJob.Prepare(kernels, in plan, frame, cancellationToken);
        WorkerTeam.Shared.Run(scratch.DecodeJob, ThreadsFor(destination), scratch);
    }

    /// <summary>A call for a tensor of so many bytes is about to come: helpers wake up meanwhile, where it will want them.</summary>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    internal void Expect(long tensorBytes)
    {
        if (Threads > 1 && tensorBytes >= ParallelBytes)
        {
            WorkerTeam.Shared.Expect((int)Math.Min(Threads, tensorBytes / EncodeJob.ChunkBytes) - 1);
        }
    }

    /// <summary>Scans a tensor: the first of the encoder's two passes.</summary>
    /// <param name="source">A tensor in host memory.</param>
    /// <param name="maxBits">One entry a scale; receives the largest magnitude's bits.</param>
    /// <param name="scratch">The calling thread's scratch memory.</param>
    /// <param name="cancellationToken">Looked at now and then.</param>
    internal TensorScanResult Scan(TensorView source, NativeSpan<uint> maxBits, CodecScratch scratch, CancellationToken cancellationToken)
    {
        scratch.ScanJob.Prepare(TileKernels.Of(Isa, source.Spec.ElementType), source, maxBits, cancellationToken);
        WorkerTeam.Shared.Run(scratch.ScanJob, ThreadsFor(source), scratch);
        return scratch.ScanJob.Result;
    }

    /// <summary>Encodes a tensor whose largest magnitudes are known: the second pass.</summary>
    /// <param name="source">A tensor in host memory.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="maxBits">Largest magnitudes, which become the encoder's scales; empty for methods without scales.</param>
    /// <param name="scan">What the scan saw.</param>
    /// <param name="destination">Room for the frame.</param>
    /// <param name="scratch">The calling thread's scratch memory.</param>
    /// <param name="cancellationToken">Looked at now and then.</param>
    internal CompressResult EncodeTiles(TensorView source, CodecProfile profile, NativeSpan<uint> maxBits, TensorScanResult scan, NativeSpan<byte> destination, CodecScratch scratch, CancellationToken cancellationToken)
    {
        var builder = new FrameBuilder(destination, source.Spec, profile);
        NativeSpan<float> scales = maxBits.Cast<float>();
        if (profile.Method.HasScales())
        {
            ScaleVectors.Compute(maxBits, profile.FullScale, scales, builder.Scales);
        }

        TileKernels kernels = TileKernels.Of(Isa, source.Spec.ElementType);
        NativeSpan<byte> values = builder.Values;
        var plan = new TilePlan
        {
            Method = profile.Method,
            Rounding = profile.Rounding,
            Geometry = builder.Layout.Geometry,
            ElementBytes = source.Spec.ElementType.ByteSize(),
            Tensor = source.Bytes.Pointer,
            Scales = scales.Pointer,
            ScaleCount = scales.Length,
            Tables = scratch.Tables,
            Masks = builder.Masks.Pointer,
            Values = values.Pointer,
            ValueRoom = values.Length,
            TileOffsets = builder.TileOffsets.Pointer,
            TileChecksums = builder.TileChecksums.Pointer,
        };
        if (profile.Method == CodecMethod.JpegAct)
        {
            plan.Tables.Fill(profile.Shifts.CoefficientOrder, kernels.GroupBlocks);
        }

        int threads = ThreadsFor(source);
        scratch.EncodeJob.Prepare(kernels, in plan, threads == 1, cancellationToken);
        WorkerTeam.Shared.Run(scratch.EncodeJob, threads, scratch);
        return new CompressResult(builder.Seal(profile.Method.HasScales() && !scan.AnyNegative, scan.AnyNonFinite), profile.Method);
    }

    private int ThreadsFor(TensorView tensor) => tensor.Bytes.Length < ParallelBytes ? 1 : Threads;
}
