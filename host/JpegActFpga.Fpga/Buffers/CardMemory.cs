using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Observability;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>A buffer that a launch needs.</summary>
/// <param name="Bank">Memory bank.</param>
/// <param name="Bytes">Bytes at least; 1 or more.</param>
internal readonly record struct BufferRequest(int Bank, long Bytes);

/// <summary>
/// The buffers of one card: pooled by bank and size, and never more bytes than the budget. Who asks for more waits until
/// others give back. Safe from any thread; renting what lies idle allocates nothing.
/// </summary>
/// <remarks>
/// A launch's buffers are rented all at once or not at all, so two launches never wait for each other's, and waits are
/// served in their order. A buffer is one user's until it is returned; an abandoned one is never freed or lent again, and
/// its bytes stay taken from the budget, because the card may still use them.
/// </remarks>
internal sealed class CardMemory : IDisposable
{
    private readonly object _gate = new();
    private readonly BufferAllocator _allocator;
    private readonly long _budget;
    private readonly TimeSpan _patience;
    private readonly Dictionary<int, Stack<CardBuffer>[]> _idle = [];
    private readonly List<object> _waiting = [];
    private long _returns;
    private long _allocated;
    private long _peak;
    private long _idleBytes;
    private long _leaked;
    private long _leakedCount;
    private long _waits;
    private bool _closed;

    /// <summary>Initializes a new instance of the <see cref="CardMemory"/> class.</summary>
    /// <param name="allocator">Makes buffers.</param>
    /// <param name="budget">Most bytes of buffers.</param>
    /// <param name="patience">Longest wait for others to give back.</param>
    internal CardMemory(BufferAllocator allocator, long budget, TimeSpan patience)
    {
        _allocator = allocator;
        _budget = budget;
        _patience = patience;
    }

    /// <summary>Gets the state of this moment.</summary>
    internal CardMemoryStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new CardMemoryStatistics(_budget, _allocated, _peak, _idleBytes, _leakedCount, _leaked, _waits, _allocator.UserPointerBuffers, _allocator.UserPointerRefusal);
            }
        }
    }

    /// <summary>Rents buffers, all or none.</summary>
    /// <param name="requests">What is needed.</param>
    /// <param name="buffers">Receives a buffer a request.</param>
    /// <exception cref="BackendException">The budget is too small for them, or was used up by others for too long.</exception>
    /// <exception cref="XrtException">XRT refused to allocate.</exception>
    internal void Rent(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        buffers.Clear();
        Reserve(requests, buffers);
        int at = 0;
        try
        {
            for (; at < requests.Length; at++)
            {
                buffers[at] ??= Allocate(requests[at]);
            }
        }
        catch
        {
            Undo(requests, buffers, at);
            throw;
        }
    }

    /// <summary>Gives a buffer back.</summary>
    /// <param name="buffer">A rented buffer that no run or transfer uses any more.</param>
    internal void Return(CardBuffer buffer)
    {
        lock (_gate)
        {
            if (_closed)
            {
                Free(buffer);
            }
            else
            {
                buffer.LastUse = ++_returns;
                Shelf(buffer.Bank)[buffer.SizeClass].Push(buffer);
                _idleBytes += buffer.Length;
            }

            PulseWaiting();
        }
    }

    /// <summary>Gives a buffer up for good, because the card may use it for ever.</summary>
    /// <param name="buffer">A rented buffer.</param>
    internal void Abandon(CardBuffer buffer)
    {
        lock (_gate)
        {
            _leakedCount++;
            _leaked += buffer.Length;
            PulseWaiting();
        }

        OffloadTelemetry.Leaked(FpgaBackend.ShortName, 1, buffer.Length);
    }

    /// <summary>Frees idle buffers now, and rented ones when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (Evict())
            {
            }

            PulseWaiting();
        }
    }

    private void Reserve(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(FpgaBackend));
            if (_waiting.Count == 0 && TryTake(requests, buffers))
            {
                return;
            }

            WaitAndTake(requests, buffers);
        }
    }

    private void WaitAndTake(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        long needed = 0;
        foreach (BufferRequest request in requests)
        {
            needed += SizeClass.Bytes(SizeClass.Of(request.Bytes));
        }

        DemandPossible(needed);
        _waits++;
        object me = new();
        _waiting.Add(me);
        long started = Stopwatch.GetTimestamp();
        try
        {
            while (_waiting[0] != me || !TryTake(requests, buffers))
            {
                TimeSpan left = _patience - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    throw new BackendException(BackendFailure.Transient, $"No {needed} bytes of card memory came free within {_patience.TotalSeconds:0.###} s: {_allocated} of {_budget} are in use, {_leaked} of them leaked.");
                }

                Monitor.Wait(_gate, left);
                ObjectDisposedException.ThrowIf(_closed, typeof(FpgaBackend));
                DemandPossible(needed);
            }
        }
        finally
        {
            _waiting.Remove(me);
            PulseWaiting();
        }
    }

    // No wait for what can't come: leaked bytes are never given back.
    private void DemandPossible(long needed)
    {
        if (needed > _budget - _leaked)
        {
            throw new BackendException(BackendFailure.DeviceFault, $"A launch needs {needed} bytes of card memory; the budget is {_budget} and {_leaked} of it are leaked. Raise the device memory budget, or reset the card.");
        }
    }

    // Takes idle buffers, and bytes of the budget for those that are missing; all or nothing.
    private bool TryTake(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        long missing = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            int sizeClass = SizeClass.Of(requests[i].Bytes);
            if (Shelf(requests[i].Bank)[sizeClass].TryPop(out CardBuffer? buffer))
            {
                buffers[i] = buffer;
                _idleBytes -= buffer.Length;
            }
            else
            {
                missing += SizeClass.Bytes(sizeClass);
            }
        }

        // Freed before anything new is allocated, and under the lock: the budget holds at every moment.
        while (_allocated + missing > _budget && Evict())
        {
        }

        if (_allocated + missing <= _budget)
        {
            _allocated += missing;
            _peak = Math.Max(_peak, _allocated);
            return true;
        }

        foreach (ref CardBuffer? buffer in buffers)
        {
            if (buffer is not null)
            {
                Shelf(buffer.Bank)[buffer.SizeClass].Push(buffer);
                _idleBytes += buffer.Length;
                buffer = null;
            }
        }

        return false;
    }

    private CardBuffer Allocate(BufferRequest request)
    {
        int sizeClass = SizeClass.Of(request.Bytes);
        try
        {
            return new CardBuffer(_allocator.Allocate(SizeClass.Bytes(sizeClass), request.Bank), sizeClass);
        }
        catch (XrtException error) when (error.IsOutOfMemory)
        {
            // The bank may be full of idle buffers of other sizes, of this pool.
            lock (_gate)
            {
                if (!Evict())
                {
                    throw;
                }

                while (Evict())
                {
                }
            }

            return new CardBuffer(_allocator.Allocate(SizeClass.Bytes(sizeClass), request.Bank), sizeClass);
        }
    }

    private void Undo(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers, int failed)
    {
        lock (_gate)
        {
            for (int i = 0; i < requests.Length; i++)
            {
                if (buffers[i] is { } buffer)
                {
                    Return(buffer);
                    buffers[i] = null;
                }
                else if (i >= failed)
                {
                    _allocated -= SizeClass.Bytes(SizeClass.Of(requests[i].Bytes));
                }
            }

            PulseWaiting();
        }
    }

    private bool Evict()
    {
        Stack<CardBuffer>? oldest = null;
        foreach (Stack<CardBuffer>[] shelf in _idle.Values)
        {
            foreach (Stack<CardBuffer> stack in shelf)
            {
                if (stack.TryPeek(out CardBuffer? top) && (oldest is null || top.LastUse < oldest.Peek().LastUse))
                {
                    oldest = stack;
                }
            }
        }

        if (oldest is null)
        {
            return false;
        }

        CardBuffer buffer = oldest.Pop();
        _idleBytes -= buffer.Length;
        Free(buffer);
        return true;
    }

    private void Free(CardBuffer buffer)
    {
        buffer.Free();
        _allocated -= buffer.Length;
    }

    private Stack<CardBuffer>[] Shelf(int bank)
    {
        if (!_idle.TryGetValue(bank, out Stack<CardBuffer>[]? shelf))
        {
            shelf = new Stack<CardBuffer>[SizeClass.Count];
            for (int i = 0; i < shelf.Length; i++)
            {
                shelf[i] = new Stack<CardBuffer>();
            }

            _idle.Add(bank, shelf);
        }

        return shelf;
    }

    private void PulseWaiting()
    {
        if (_waiting.Count != 0 || _closed)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
