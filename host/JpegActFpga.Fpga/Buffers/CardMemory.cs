using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Buffers;

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
    private readonly IdleBuffers _idle = new();
    private readonly List<object> _waiting = [];
    private readonly LeakedBuffers _leaked = new();
    private long _allocated;
    private long _peak;
    private long _waits;
    private bool _closed;
    private Eviction? _last;
    private bool _isFreed;
    private (int Count, long Bytes) _unfreed;

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
                return new CardMemoryStatistics(_budget, _allocated, _peak, _idle.Bytes, _leaked.Count, _leaked.Bytes, _waits, _allocator.UserPointerBuffers, _allocator.UserPointerRefusal);
            }
        }
    }

    /// <summary>Rents buffers, all or none.</summary>
    /// <param name="requests">What is needed.</param>
    /// <param name="buffers">Receives a buffer a request.</param>
    /// <param name="calls">Watches the calling thread's calls into the driver.</param>
    /// <exception cref="BackendException">The budget is too small for them, or was used up by others for too long.</exception>
    /// <exception cref="XrtException">XRT refused to allocate, or a call was left behind.</exception>
    internal void Rent(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers, WatchedThread calls)
    {
        buffers.Clear();
        Eviction? eviction = Reserve(requests, buffers);
        int at = 0;
        try
        {
            // Before anything new is allocated: the budget holds at every moment.
            Evict(eviction, calls);
            for (; at < requests.Length; at++)
            {
                buffers[at] ??= Allocate(requests[at], calls);
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
            if (!_closed)
            {
                _idle.Add(buffer);
                PulseWaiting();
                return;
            }
        }

        // Nobody waits for who comes so late.
        Evict(new Eviction([buffer], buffer.Length), null);
    }

    /// <summary>Gives a buffer up for good, because the card may use it for ever.</summary>
    /// <param name="buffer">A rented buffer.</param>
    internal void Abandon(CardBuffer buffer)
    {
        _leaked.Add(1, buffer.Length);
        WakeWaiting();
    }

    /// <summary>Counts buffers as leaked that are rented or being rented, because the thread that has them is stuck in a call.</summary>
    /// <param name="requests">What it rents.</param>
    internal void AbandonFor(ReadOnlySpan<BufferRequest> requests)
    {
        _leaked.Add(requests.Length, SizeOf(requests));
        WakeWaiting();
    }

    /// <summary>Takes <see cref="AbandonFor"/> back: the call has returned.</summary>
    /// <param name="requests">What the thread rented.</param>
    internal void ReclaimFor(ReadOnlySpan<BufferRequest> requests) => _leaked.Reclaim(requests.Length, SizeOf(requests));

    /// <summary>
    /// Counts idle buffers as leaked until they are freed: the card does not answer, or something on it is stuck, and nobody
    /// knows when <see cref="Dispose"/> gets to them, or ends.
    /// </summary>
    internal void AbandonIdle()
    {
        lock (_gate)
        {
            if (_isFreed || _unfreed.Count != 0)
            {
                return;
            }

            _unfreed = _last is { } last ? (last.Buffers.Count, last.Surplus) : (_idle.Count, _idle.Bytes);
            _leaked.Add(_unfreed.Count, _unfreed.Bytes);
        }
    }

    /// <summary>Frees idle buffers now, and rented ones when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _last = TakeIdle(long.MaxValue);
            PulseWaiting();
        }

        Evict(_last, null);
        lock (_gate)
        {
            _isFreed = true;
            if (_unfreed.Count != 0)
            {
                _leaked.Reclaim(_unfreed.Count, _unfreed.Bytes);
                _unfreed = default;
            }
        }
    }

    private static long SizeOf(ReadOnlySpan<BufferRequest> requests)
    {
        long bytes = 0;
        foreach (BufferRequest request in requests)
        {
            bytes += SizeClass.Bytes(SizeClass.Of(request.Bytes));
        }

        return bytes;
    }

    private Eviction? Reserve(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(FpgaBackend));
            return _waiting.Count == 0 && TryTake(requests, buffers, out Eviction? eviction) ? eviction : WaitAndTake(requests, buffers);
        }
    }

    private Eviction? WaitAndTake(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers)
    {
        long needed = SizeOf(requests);
        DemandPossible(needed);
        _waits++;
        object me = new();
        _waiting.Add(me);
        long started = Stopwatch.GetTimestamp();
        try
        {
            Eviction? eviction = null;
            while (_waiting[0] != me || !TryTake(requests, buffers, out eviction))
            {
                TimeSpan left = _patience - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    throw new BackendException(BackendFailure.Transient, $"No {needed} bytes of card memory came free within {_patience.TotalSeconds:0.###} s: {_allocated} of {_budget} are in use, {_leaked.Bytes} of them leaked.");
                }

                Monitor.Wait(_gate, left);
                ObjectDisposedException.ThrowIf(_closed, typeof(FpgaBackend));
                DemandPossible(needed);
            }

            return eviction;
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
        if (needed > _budget - _leaked.Bytes)
        {
            throw new BackendException(BackendFailure.DeviceFault, $"A launch needs {needed} bytes of card memory; the budget is {_budget} and {_leaked.Bytes} of it are leaked. Raise the device memory budget, or reset the card.");
        }
    }

    // Takes idle buffers, and bytes of the budget for those that are missing; all or nothing. Where other idle buffers are in
    // the way, they are taken out to be freed, and stay counted until they are.
    private bool TryTake(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers, out Eviction? eviction)
    {
        eviction = null;
        long missing = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            int sizeClass = SizeClass.Of(requests[i].Bytes);
            buffers[i] = _idle.TryTake(requests[i].Bank, sizeClass);
            missing += buffers[i] is null ? SizeClass.Bytes(sizeClass) : 0;
        }

        long tooMuch = _allocated + missing - _budget;
        if (tooMuch <= _idle.Bytes)
        {
            if (tooMuch > 0)
            {
                eviction = TakeIdle(tooMuch);
                long evicted = eviction.Surplus;
                eviction = eviction with { Surplus = Math.Max(0, evicted - missing) };
                missing = Math.Max(0, missing - evicted);
            }

            _allocated += missing;
            _peak = Math.Max(_peak, _allocated);
            return true;
        }

        foreach (ref CardBuffer? buffer in buffers)
        {
            if (buffer is not null)
            {
                _idle.PutBack(buffer);
                buffer = null;
            }
        }

        return false;
    }

    private CardBuffer Allocate(BufferRequest request, WatchedThread calls)
    {
        int sizeClass = SizeClass.Of(request.Bytes);
        try
        {
            return AllocateNow(request, sizeClass, calls);
        }
        catch (XrtException error) when (error.IsOutOfMemory)
        {
            // The bank may be full of idle buffers of other sizes, of this pool.
            Eviction idle;
            lock (_gate)
            {
                idle = TakeIdle(long.MaxValue);
            }

            if (idle.Buffers.Count == 0)
            {
                throw;
            }

            Evict(idle, calls);
            return AllocateNow(request, sizeClass, calls);
        }
    }

    private CardBuffer AllocateNow(BufferRequest request, int sizeClass, WatchedThread calls)
    {
        CardBuffer? made = null;
        try
        {
            using (calls.Enter("xrtBOAlloc"))
            {
                made = new CardBuffer(_allocator.Allocate(SizeClass.Bytes(sizeClass), request.Bank), sizeClass);
            }

            return made;
        }
        catch (XrtStuckException)
        {
            // The call has returned after all, with a buffer that nobody waits for.
            made?.Free();
            throw;
        }
    }

    private void Undo(ReadOnlySpan<BufferRequest> requests, Span<CardBuffer?> buffers, int failed)
    {
        for (int i = 0; i < requests.Length; i++)
        {
            if (buffers[i] is { } buffer)
            {
                buffers[i] = null;
                Return(buffer);
            }
            else if (i >= failed)
            {
                lock (_gate)
                {
                    _allocated -= SizeClass.Bytes(SizeClass.Of(requests[i].Bytes));
                    PulseWaiting();
                }
            }
        }
    }

    private Eviction TakeIdle(long bytes)
    {
        var taken = new List<CardBuffer>();
        return new Eviction(taken, _idle.TakeOldest(bytes, taken));
    }

    // Not under the lock: the driver may take its time, or for ever.
    private void Evict(Eviction? eviction, WatchedThread? calls)
    {
        if (eviction is null)
        {
            return;
        }

        foreach (CardBuffer buffer in eviction.Buffers)
        {
            if (calls is null)
            {
                buffer.Free();
                continue;
            }

            // Each one, even where the first is left behind and comes back.
            _ = calls.Enter("xrtBOFree");
            buffer.Free();
            _ = calls.TryLeave();
        }

        lock (_gate)
        {
            _allocated -= eviction.Surplus;
            PulseWaiting();
        }

        calls?.ThrowIfLeftBehind();
    }

    // Less can come back now: who waits for more is told.
    private void WakeWaiting()
    {
        lock (_gate)
        {
            PulseWaiting();
        }
    }

    private void PulseWaiting()
    {
        if (_waiting.Count != 0 || _closed)
        {
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Buffers to be freed.</summary>
    /// <param name="Buffers">The buffers.</param>
    /// <param name="Surplus">Their bytes, less those that somebody has reserved in their place.</param>
    private sealed record Eviction(List<CardBuffer> Buffers, long Surplus);
}
