using System.Threading.Tasks.Sources;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;

namespace JpegActFpga.Fpga.Calls;

/// <summary>Expands a frame: units write its parts into one tensor, in any order.</summary>
internal sealed class DecodeCall : CodecCall, IValueTaskSource
{
    private readonly CallPool<DecodeCall> _pool;
    private ManualResetValueTaskSourceCore<bool> _core;
    private FrameReader? _frame;

    internal DecodeCall(CallPool<DecodeCall> pool) => _pool = pool;

    /// <summary>Gets the frame.</summary>
    internal FrameReader Frame => _frame ?? throw new InvalidOperationException("The call is over.");

    /// <summary>Gets the call as the caller sees it.</summary>
    internal ValueTask Task => new(this, _core.Version);

    /// <summary>Prepares the object for a call.</summary>
    internal void Begin(FrameReader frame, TensorView destination, CardElement element, int partBlocks, CancellationToken token)
    {
        Begin(destination, frame.Header.Method, frame.Layout.Geometry, element, partBlocks, token);
        _frame = frame;
    }

    /// <summary>Gives the object back without a call.</summary>
    internal void Discard()
    {
        Forget();
        _frame = null;
        _pool.Return(this);
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _pool.Return(this);
        }
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void Complete(Exception? failure)
    {
        Forget();
        _frame = null;
        if (failure is null)
        {
            _core.SetResult(true);
        }
        else
        {
            _core.SetException(failure);
        }
    }
}
