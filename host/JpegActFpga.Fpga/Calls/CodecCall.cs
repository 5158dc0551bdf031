using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;

namespace JpegActFpga.Fpga.Calls;

/// <summary>
/// A call of the backend's interface on its way through the card, in one part or several. Its tensor and frame are in use
/// until each part has ended, however it ended; then it completes, on a thread of the pool. Objects are used again, so that
/// a call allocates nothing.
/// </summary>
internal abstract class CodecCall : IThreadPoolWorkItem
{
    private int _left;
    private Exception? _failure;
    private int _partBlocks;

    /// <summary>Gets the tensor.</summary>
    internal TensorView Tensor { get; private set; }

    /// <summary>Gets the method.</summary>
    internal CodecMethod Method { get; private set; }

    /// <summary>Gets the tensor's geometry for the method.</summary>
    internal BlockGeometry Geometry { get; private set; }

    /// <summary>Gets how many parts the call has.</summary>
    internal int PartCount { get; private set; }

    /// <summary>Gets the type in which blocks go over the link.</summary>
    internal CardElement Element { get; private set; }

    /// <summary>Gets the caller's token: parts that no unit took yet are given up when it is cancelled.</summary>
    internal CancellationToken Token { get; private set; }

    /// <summary>Gets what asked for the call, for a trace.</summary>
    internal StageOrigin Origin { get; private set; }

    /// <summary>Gets the lock of the call's state.</summary>
    protected object Gate { get; } = new();

    /// <summary>Gets what ended the call badly; null so far.</summary>
    protected Exception? Failure
    {
        get
        {
            lock (Gate)
            {
                return _failure;
            }
        }
    }

    /// <summary>Gives the blocks of a part.</summary>
    /// <param name="part">Index of the part.</param>
    internal int BlocksOf(int part) => (int)Math.Min(_partBlocks, Geometry.Blocks - ((long)part * _partBlocks));

    /// <summary>Gives a part.</summary>
    /// <param name="part">Its index.</param>
    internal TensorPart PartAt(int part) => TensorPart.Of(Method, Geometry, (long)part * _partBlocks, BlocksOf(part));

    /// <summary>Tells whether a part that nobody works on yet should be given up, because the call failed or was cancelled.</summary>
    internal bool GiveUp()
    {
        if (Failure is null && !Token.IsCancellationRequested)
        {
            return false;
        }

        PartFailed(new OperationCanceledException(Token));
        return true;
    }

    /// <summary>Ends a part well.</summary>
    internal void PartDone() => End(null);

    /// <summary>Ends a part badly; the first failure of a call is the call's.</summary>
    /// <param name="failure">Why.</param>
    internal void PartFailed(Exception failure) => End(failure);

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Complete(Failure);

    /// <summary>Prepares the object for a call.</summary>
    protected void Begin(TensorView tensor, CodecMethod method, BlockGeometry geometry, CardElement element, int partBlocks, CancellationToken token)
    {
        Tensor = tensor;
        Method = method;
        Geometry = geometry;
        Element = element;
        Token = token;
        Origin = StageOrigin.Current;
        _partBlocks = partBlocks;
        PartCount = checked((int)((geometry.Blocks + partBlocks - 1) / partBlocks));
        _left = PartCount;
        _failure = null;
    }

    /// <summary>Lets go of the caller's memory.</summary>
    protected void Forget()
    {
        Tensor = default;
        Token = default;
        Origin = default;
    }

    /// <summary>Completes the call. Runs once, after the last part, on a thread of the pool.</summary>
    /// <param name="failure">Why it failed; null where it did not.</param>
    protected abstract void Complete(Exception? failure);

    private void End(Exception? failure)
    {
        bool last;
        lock (Gate)
        {
            if (failure is not null)
            {
                _failure ??= failure;

                // Parts that wait for this one's values wait no longer.
                Monitor.PulseAll(Gate);
            }

            last = --_left == 0;
        }

        if (last)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
