using System.Diagnostics;
using System.Threading.Tasks.Sources;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;

namespace JpegActFpga.Fpga.Calls;

/// <summary>Compresses a tensor: units write its parts into one frame, in any order.</summary>
internal sealed class EncodeCall : CodecCall, IValueTaskSource<CompressResult>, IDisposable
{
    private readonly CallPool<EncodeCall> _pool;
    private ManualResetValueTaskSourceCore<CompressResult> _core;
    private NativeBuffer? _scales;
    private long[] _ends = new long[4];
    private int _endsKnown;
    private CodecProfile _profile = CodecProfile.Raw;
    private NativeSpan<byte> _destination;
    private bool _anyNegative;

    internal EncodeCall(CallPool<EncodeCall> pool) => _pool = pool;

    /// <summary>Gets the profile.</summary>
    internal CodecProfile Profile => _profile;

    /// <summary>Gets the frame in the making.</summary>
    internal FrameBuilder Builder { get; private set; }

    /// <summary>Gets the encoder's scales; empty where the method has none.</summary>
    internal NativeSpan<float> Scales => _scales is null ? default : _scales.Bytes.Cast<float>().Slice(0, Builder.Layout.ScaleCount);

    /// <summary>Gets a value indicating whether the card finds the scales, from the blocks that it is given anyway.</summary>
    internal bool ScalesFromCard { get; private set; }

    /// <summary>Gets a value indicating whether an element is NaN or infinite: the frame will be raw.</summary>
    internal bool IsNonFinite { get; private set; }

    /// <summary>Gets the call as the caller sees it.</summary>
    internal ValueTask<CompressResult> Task => new(this, _core.Version);

    /// <summary>Prepares the object for a call, and scans the tensor unless the card will.</summary>
    /// <returns>False where the call is over already: the frame is raw, or there is nothing to compress.</returns>
    internal bool Begin(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CardElement element, int partBlocks, bool scalesFromCard, CancellationToken token, out CompressResult result)
    {
        var layout = new FrameLayout(source.Spec.Shape, profile.Method, profile.ScaleMode);
        Begin(source, profile.Method, layout.Geometry, element, partBlocks, token);
        _profile = profile;
        _destination = destination;
        _anyNegative = false;
        IsNonFinite = false;
        _endsKnown = 0;
        ScalesFromCard = scalesFromCard;
        if (_ends.Length < PartCount)
        {
            _ends = new long[PartCount];
        }

        result = default;
        if (profile.Method.HasScales() && !scalesFromCard && Scan(source, layout, profile))
        {
            result = RawFrame.Write(source, nonFinite: true, destination);
            return false;
        }

        Builder = new FrameBuilder(destination, source.Spec, profile);
        if (profile.Method.HasScales() && !scalesFromCard)
        {
            ComputeScales();
        }

        if (PartCount == 0)
        {
            result = Seal(0);
            return false;
        }

        return true;
    }

    /// <summary>Gives the object back without a call; after <see cref="Begin(TensorView, CodecProfile, NativeSpan{byte}, CardElement, int, bool, CancellationToken, out CompressResult)"/> said that it is over, or threw.</summary>
    internal void Discard()
    {
        Forget();
        _destination = default;
        _pool.Return(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _scales?.Dispose();

    /// <summary>Finds the scales here after all, because the card's unit for that is out of service.</summary>
    internal void FindScalesOnHost()
    {
        ScalesFromCard = false;
        IsNonFinite = Scan(Tensor, Builder.Layout, _profile);
        if (!IsNonFinite)
        {
            ComputeScales();
        }
    }

    /// <summary>Notes what the card saw of a tensor whose scales it found.</summary>
    /// <param name="anyNegative">An element is below zero.</param>
    /// <param name="nonFinite">An element is NaN or infinite: the frame will be raw.</param>
    internal void Observe(bool anyNegative, bool nonFinite)
    {
        _anyNegative = anyNegative;
        IsNonFinite = nonFinite;
    }

    /// <summary>Gives the place of a part's first value in the frame, after the parts before it; their units were given them earlier.</summary>
    /// <param name="part">The part.</param>
    /// <param name="bytes">Its value bytes.</param>
    /// <param name="patience">Longest wait for the part before.</param>
    /// <exception cref="BackendException">A part before failed, or does not come.</exception>
    internal long PlaceValues(int part, long bytes, TimeSpan patience)
    {
        long started = Stopwatch.GetTimestamp();
        lock (Gate)
        {
            while (_endsKnown < part)
            {
                TimeSpan left = patience - Stopwatch.GetElapsedTime(started);
                if (Failure is { } failure)
                {
                    throw failure as BackendException ?? new BackendException(BackendFailure.Transient, "Another part of the tensor was given up.", failure);
                }

                if (left <= TimeSpan.Zero)
                {
                    throw new BackendException(BackendFailure.DeviceFault, $"Part {part - 1} of a tensor did not come within {patience.TotalSeconds:0.###} s.");
                }

                Monitor.Wait(Gate, left);
            }

            long start = part == 0 ? 0 : _ends[part - 1];
            _ends[part] = start + bytes;
            _endsKnown = part + 1;
            Monitor.PulseAll(Gate);
            return start;
        }
    }

    /// <inheritdoc/>
    CompressResult IValueTaskSource<CompressResult>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _pool.Return(this);
        }
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<CompressResult>.GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<CompressResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void Complete(Exception? failure)
    {
        CompressResult result = default;
        try
        {
            if (failure is null)
            {
                result = IsNonFinite ? RawFrame.Write(Tensor, nonFinite: true, _destination) : Seal(_ends[PartCount - 1]);
            }
        }
        catch (Exception error)
        {
            failure = error;
        }

        Forget();
        _destination = default;
        if (failure is null)
        {
            _core.SetResult(result);
        }
        else
        {
            _core.SetException(failure);
        }
    }

    private CompressResult Seal(long valueBytes)
    {
        Builder.TileOffsets[Geometry.Tiles] = (ulong)valueBytes;
        return new CompressResult(Builder.Complete(!_anyNegative), Method);
    }

    // In place: the maxima become the encoder's scales.
    private void ComputeScales() => ScaleTable.Compute(Scales.Cast<uint>(), _profile.FullScale, Scales, Builder.Scales);

    // True where an element is not finite.
    private bool Scan(TensorView source, FrameLayout layout, CodecProfile profile)
    {
        long bytes = Math.Max(1, layout.ScaleCount) * sizeof(float);
        if (_scales is null || _scales.ByteLength < bytes)
        {
            _scales?.Dispose();
            _scales = new NativeBuffer((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes));
        }

        using StageScope stage = StageTelemetry.Start(Stage.Scan, FpgaBackend.ShortName);
        TensorScanResult scan = TensorScan.Run(source, _scales.Bytes.Cast<uint>().Slice(0, layout.ScaleCount));
        _anyNegative = scan.AnyNegative;
        return scan.AnyNonFinite;
    }
}
