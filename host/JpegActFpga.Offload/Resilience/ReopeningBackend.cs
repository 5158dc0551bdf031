using System.Runtime.CompilerServices;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Resilience;

/// <summary>A backend on a device that may go and come back: the engine has it opened anew before it takes the device back.</summary>
/// <remarks>Safe from any thread. Owns what it opens. While no device is open, calls fail as <see cref="BackendFailure.DeviceLost"/>.</remarks>
public sealed class ReopeningBackend : ICodecBackend, IReopenable
{
    private readonly Func<ICodecBackend> _open;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _reopening = new(1, 1);
    private Opened? _current;
    private Opened? _closing;
    private Task<ICodecBackend>? _opening;
    private bool _disposed;

    /// <summary>Initializes a new instance of the <see cref="ReopeningBackend"/> class and opens the device.</summary>
    /// <param name="open">Opens the device; called again, on a thread of the pool, whenever it is to be opened anew. It gives the same capabilities each time.</param>
    /// <exception cref="Exception">Whatever <paramref name="open"/> throws.</exception>
    public ReopeningBackend(Func<ICodecBackend> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        _open = open;
        _current = new Opened(open());
        Capabilities = _current.Backend.Capabilities;
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; }

    /// <summary>Gets the backend that is open now; null while there is none.</summary>
    public ICodecBackend? Current
    {
        get
        {
            lock (_lock)
            {
                return _current?.Backend;
            }
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        Opened opened = Enter();
        try
        {
            return await opened.Backend.CompressAsync(source, profile, destination, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(opened);
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        Opened opened = Enter();
        try
        {
            await opened.Backend.ExpandAsync(frame, destination, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(opened);
        }
    }

    /// <inheritdoc/>
    public async Task ReopenAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _reopening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                _closing ??= _current;
                _current = null;
            }

            if (_closing is { } old)
            {
                await CloseAsync(old, patience, cancellationToken).ConfigureAwait(false);
                _closing = null;
            }

            Opened opened = await OpenAsync(patience).ConfigureAwait(false);
            bool late;
            lock (_lock)
            {
                late = _disposed;
                _current = late ? null : opened;
            }

            if (late)
            {
                await opened.Backend.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _reopening.Release();
        }
    }

    /// <summary>Closes the device. No call may be in flight.</summary>
    public async ValueTask DisposeAsync()
    {
        Opened? current;
        Opened? closing;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            (current, closing) = (_current, _closing);
            (_current, _closing) = (null, null);
        }

        foreach (Opened opened in new[] { current, closing }.OfType<Opened>())
        {
            await opened.Backend.DisposeAsync().ConfigureAwait(false);
        }

        // One that opens after all is of no use to anybody.
        _ = _opening?.ContinueWith(
            static opened => opened.Result.DisposeAsync().AsTask(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
    }

    // One attempt at a time: where one does not return, the next call waits for the same one, and takes what it gives.
    private async Task<Opened> OpenAsync(TimeSpan patience)
    {
        // A thread of its own, because a driver may keep it.
        Task<ICodecBackend> opening = _opening ??= Task.Factory.StartNew(_open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            ICodecBackend backend = await opening.WaitAsync(patience).ConfigureAwait(false);
            _opening = null;
            return new Opened(backend);
        }
        catch (TimeoutException) when (!opening.IsFaulted)
        {
            throw new BackendException(BackendFailure.Unresponsive, $"{Capabilities.Device} did not open within {patience.TotalSeconds:0.###} s; it is tried no more until that attempt has ended.");
        }
        catch (Exception error)
        {
            _opening = null;
            throw error as BackendException ?? new BackendException(BackendFailure.DeviceLost, $"{Capabilities.Device} does not open: {error.Message}", error);
        }
    }

    private async Task CloseAsync(Opened old, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task left;
        lock (_lock)
        {
            left = old.WhenLeft();
        }

        try
        {
            await left.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BackendException(BackendFailure.DeviceFault, $"{Capabilities.Device} can't be closed: calls on it did not end within {patience.TotalSeconds:0.###} s.");
        }

        await old.Backend.DisposeAsync().ConfigureAwait(false);
    }

    private Opened Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is not { } opened)
            {
                throw new BackendException(BackendFailure.DeviceLost, $"{Capabilities.Device} is closed until it can be opened anew.");
            }

            opened.Calls++;
            return opened;
        }
    }

    private void Leave(Opened opened)
    {
        lock (_lock)
        {
            if (--opened.Calls == 0)
            {
                opened.Left?.TrySetResult();
            }
        }
    }

    /// <summary>An opened device and the calls on it; guarded by the owner's lock.</summary>
    private sealed class Opened(ICodecBackend backend)
    {
        internal ICodecBackend Backend { get; } = backend;

        internal int Calls { get; set; }

        internal TaskCompletionSource? Left { get; private set; }

        internal Task WhenLeft()
        {
            Left ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Calls == 0)
            {
                Left.TrySetResult();
            }

            return Left.Task;
        }
    }
}
