using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>
/// A thread that stages, launches and collects, one batch after another. A unit has several lanes, so that one stages and
/// transfers while another's launch runs and a third one's results come back.
/// </summary>
/// <typeparam name="TCall">Kind of call.</typeparam>
internal abstract class Lane<TCall>
    where TCall : CodecCall
{
    private const int StackBytes = 512 * 1024;

    private readonly WorkQueue<TCall> _queue;
    private readonly LaunchBatch<TCall> _batch;
    private readonly Func<bool> _isLost;
    private readonly CodecArguments _arguments;
    private readonly CardBuffer?[] _buffers = new CardBuffer?[CodecArguments.BufferCount];
    private readonly BufferRequest[] _requests = new BufferRequest[CodecArguments.BufferCount];
    private readonly Thread _thread;
    private readonly LaneOwner _owner;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasTurn;
    private bool _isRenting;
    private bool _hasLeaked;

    /// <summary>Initializes a new instance of the <see cref="Lane{TCall}"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="queue">Where work comes from.</param>
    /// <param name="memory">Where buffers come from.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="arguments">The unit's arguments.</param>
    /// <param name="owner">The card, as its lanes know it.</param>
    protected Lane(ComputeUnit unit, CodecArguments arguments, WorkQueue<TCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters, LaneOwner owner)
    {
        _owner = owner;
        Calls = owner.Watch.Add(GiveUp);
        Run = new UnitRun(unit, options, counters, Calls);
        Memory = memory;
        Counters = counters;
        _queue = queue;
        _batch = new LaunchBatch<TCall>(options.EffectiveLaunchParts);
        _isLost = () => unit.IsLost;
        _arguments = arguments;
        _thread = new Thread(Work, StackBytes) { IsBackground = true, Name = $"{unit.Name}, lane" };
    }

    /// <summary>Gets the launches of the lane.</summary>
    protected UnitRun Run { get; }

    /// <summary>Gets what watches the lane's calls into the driver.</summary>
    protected WatchedThread Calls { get; }

    /// <summary>Gets the unit's name, for messages.</summary>
    protected string Name => Run.Unit.Name;

    /// <summary>Gets the card's buffers.</summary>
    protected CardMemory Memory { get; }

    /// <summary>Gets the card's counters.</summary>
    protected CardCounters Counters { get; }

    /// <summary>Gets a value indicating whether the buffers of the batch are bound to a launch that never ended.</summary>
    protected virtual bool IsAbandoned => Run.IsAbandoned;

    /// <summary>Starts the thread.</summary>
    internal void Start()
    {
        _queue.Join();
        _thread.Start();
    }

    /// <summary>Waits for the thread to end, after its queue was closed, or to be left behind in a call into the driver.</summary>
    /// <param name="timeout">How long.</param>
    /// <returns>False where neither happened in time.</returns>
    internal bool Join(TimeSpan timeout) => _over.Task.Wait(timeout);

    /// <summary>Ends the lane before it was started.</summary>
    internal void Discard() => Calls.TryEnd();

    /// <summary>Works on a batch, and ends each of its parts.</summary>
    /// <param name="batch">One part or more.</param>
    protected abstract void Process(LaunchBatch<TCall> batch);

    /// <summary>Waits for launches that a failure left in flight: their buffers are not given back before.</summary>
    protected virtual void Settle() => Run.Settle();

    /// <summary>Closes what the lane opened.</summary>
    protected virtual void Close() => Run.Dispose();

    /// <summary>Rents the buffers that the batch needs; they go back when it has ended.</summary>
    /// <param name="extents">What its parts take of them.</param>
    protected void Rent(in LaunchExtents extents)
    {
        for (int i = 0; i < _requests.Length; i++)
        {
            // Where nothing will be in a buffer, the launch still needs an address.
            _requests[i] = new BufferRequest(_arguments.BankOf((LaunchBuffer)i), Math.Max(1, extents.BytesOf((LaunchBuffer)i)));
        }

        _queue.Order.Await(_batch.Turn);
        _isRenting = true;
        try
        {
            Memory.Rent(_requests, _buffers, Calls);
        }
        finally
        {
            PassTurn();
        }
    }

    /// <summary>Gives a rented buffer.</summary>
    /// <param name="buffer">Which one.</param>
    protected CardBuffer Rented(LaunchBuffer buffer) => _buffers[(int)buffer] ?? throw new InvalidOperationException("The buffer is not rented.");

    /// <summary>Gives the host's side of words of a rented buffer.</summary>
    /// <param name="buffer">Which one.</param>
    /// <param name="word">First word.</param>
    /// <param name="bytes">How many bytes.</param>
    protected NativeSpan<byte> Host(LaunchBuffer buffer, long word, long bytes) => Rented(buffer).Host.Slice(word * KernelInterface.WordBytes, bytes);

    /// <summary>Transfers the first bytes of a buffer to the card.</summary>
    /// <param name="buffer">Which one.</param>
    /// <param name="bytes">How many.</param>
    protected void ToCard(LaunchBuffer buffer, long bytes) => Run.ToCard(Rented(buffer), 0, bytes);

    /// <summary>Transfers the first bytes of a buffer from the card.</summary>
    /// <param name="buffer">Which one.</param>
    /// <param name="bytes">How many.</param>
    protected void FromCard(LaunchBuffer buffer, long bytes) => Run.FromCard(Rented(buffer), 0, bytes);

    /// <summary>Starts a launch on the rented buffers.</summary>
    /// <param name="count">Descriptors.</param>
    protected void Launch(int count)
    {
        _arguments.Set(Run, _buffers, count);
        Run.Start();
    }

    private void Work()
    {
        try
        {
            while (_queue.Take(_batch, _isLost))
            {
                _hasTurn = true;
                _batch.DropGivenUp();
                if (_batch.Count != 0)
                {
                    ProcessAndRelease();
                }

                // Where nothing was to be rented, or planning failed.
                PassTurn();
                _batch.Clear();
            }
        }
        catch (XrtStuckException)
        {
            // A call was left behind and has returned now: others were told, and nothing is to be done here but to close.
        }
        finally
        {
            Close();
            End();
        }
    }

    private void End()
    {
        if (Calls.TryEnd())
        {
            _queue.Leave();
            _over.SetResult();
            return;
        }

        // Buffers first: the card may be opened again when this has returned.
        if (_hasLeaked)
        {
            Memory.ReclaimFor(_requests);
        }

        _owner.CameBack(Calls);
    }

    // Instead of the thread, which does not come back from a call into the driver: what it rents stays its own, and the calls
    // that wait for its batch wait no longer. The thread, should it come back, finds this done.
    private void GiveUp(XrtStuckException error)
    {
        _owner.LeaveBehind();
        _hasLeaked = _isRenting;
        if (_hasLeaked)
        {
            Memory.AbandonFor(_requests);
        }

        PassTurn();
        string buffers = _hasLeaked ? $", and {_requests.Length} buffers are leaked" : string.Empty;
        _batch.EndAll(new BackendException(BackendFailure.Unresponsive, $"{Name}: {error.Message} Until it does, the card is out of service{buffers}.", error));
        _queue.Leave();
        _over.SetResult();
    }

    private void PassTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            _queue.Order.Pass(_batch.Turn);
        }
    }

    // Each failure is handed to the calls that wait for the batch.
    private void ProcessAndRelease()
    {
        Counters.Batched(_batch.Count);
        Run.Origin = _batch.Origin;
        Exception? failure = null;
        try
        {
            Process(_batch);
        }
        catch (XrtStuckException)
        {
            Settle();
            Release();
            throw;
        }
        catch (XrtException error)
        {
            failure = Run.Unit.Translate(error);
        }
        catch (Exception error)
        {
            failure = error as BackendException ?? new BackendException(BackendFailure.DeviceFault, $"{Name}: {error.Message}", error);
        }

        Settle();

        // Before the calls end: who is told of a hang finds the leak in the statistics.
        Release();
        if (failure is not null)
        {
            _batch.EndAll(failure);
        }
    }

    private void Release()
    {
        foreach (ref CardBuffer? buffer in _buffers.AsSpan())
        {
            if (buffer is null)
            {
                continue;
            }

            if (IsAbandoned)
            {
                Memory.Abandon(buffer);
            }
            else
            {
                Memory.Return(buffer);
            }

            buffer = null;
        }

        _isRenting = false;
    }
}
