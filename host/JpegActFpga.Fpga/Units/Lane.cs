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
    private bool _hasTurn;

    /// <summary>Initializes a new instance of the <see cref="Lane{TCall}"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="queue">Where work comes from.</param>
    /// <param name="memory">Where buffers come from.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="arguments">The unit's arguments.</param>
    protected Lane(ComputeUnit unit, CodecArguments arguments, WorkQueue<TCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters)
    {
        Run = new UnitRun(unit, options, counters);
        Memory = memory;
        Counters = counters;
        _queue = queue;
        _batch = new LaunchBatch<TCall>(options.LaunchParts);
        _isLost = () => unit.IsLost;
        _arguments = arguments;
        _thread = new Thread(Work, StackBytes) { IsBackground = true, Name = $"{unit.Name}, lane" };
    }

    /// <summary>Gets the launches of the lane.</summary>
    protected UnitRun Run { get; }

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

    /// <summary>Waits for the thread to end, after its queue was closed.</summary>
    /// <param name="timeout">How long.</param>
    /// <returns>False where it did not end: a call into the driver does not return.</returns>
    internal bool Join(TimeSpan timeout) => !_thread.IsAlive || _thread.Join(timeout);

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
        try
        {
            Memory.Rent(_requests, _buffers);
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
        finally
        {
            Close();
            _queue.Leave();
        }
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
    }
}
