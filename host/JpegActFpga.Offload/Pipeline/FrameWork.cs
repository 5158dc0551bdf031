using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Offload.Verification;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>The work itself, on whichever thread: source to frame to store, and back. Safe from any thread.</summary>
/// <param name="chain">Compresses and expands; disposed with this.</param>
/// <param name="statistics">Counts.</param>
/// <param name="journal">Told of frames that are lost and of expansions that failed ahead of need.</param>
internal sealed class FrameWork(BackendChain chain, StatisticsCollector statistics, ResilienceJournal journal) : IDisposable
{
    private readonly ScratchPool _scratch = new();
    private readonly ReaderPool _readers = new();

    /// <summary>Compresses an activation's source.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="room">At least <see cref="Activation.MostFrameBytes"/>.</param>
    /// <exception cref="BackendException">Every backend failed.</exception>
    /// <exception cref="BackendStuckException">A backend does not end the call: room and activation are its own for good.</exception>
    internal CompressResult Compress(Activation activation, FrameRoom room)
    {
        OutputCheck.WorkOn(activation.Label);
        long started = Stopwatch.GetTimestamp();
        CompressResult result;
        BackendCapabilities by;
        try
        {
            (result, by) = chain.Compress(activation.Source, activation.Profile, room.Bytes, activation.Cancellation);
        }
        catch (BackendStuckException)
        {
            room.Abandon();
            GiveUp(activation);
            throw;
        }

        statistics.Compressed(by, result, activation.Profile.Method, activation.Source.Bytes.Length, Stopwatch.GetElapsedTime(started), activation.Label);
        return result;
    }

    /// <summary>Tells the backends that this thread is about to compress or expand.</summary>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    internal void Expect(long tensorBytes) => chain.Expect(tensorBytes);

    /// <summary>Lends memory for an activation's frame in the making.</summary>
    /// <param name="activation">The activation.</param>
    internal FrameRoom Rent(Activation activation) => new(activation, _scratch.Rent(activation.MostFrameBytes));

    /// <summary>
    /// Lends memory for an activation's frame in the making: where the frame will stay, if the processor makes it. What devices
    /// write to stays the same from call to call instead, because to make it known to a device takes time.
    /// </summary>
    /// <param name="activation">The activation.</param>
    /// <param name="store">Where its frame is to go.</param>
    internal FrameRoom Rent(Activation activation, IFrameStore store)
    {
        if (!chain.IsHostAlone || !store.TryLend(activation.MostFrameBytes, out NativeSpan<byte> room))
        {
            return Rent(activation);
        }

        (activation.Room, activation.RoomOwner) = (room, store);
        return new FrameRoom(activation, default);
    }

    /// <summary>Puts a frame into a store and notes it.</summary>
    /// <param name="activation">Whose frame it is.</param>
    /// <param name="store">The store.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="method">Its method.</param>
    /// <param name="stage">What a trace calls it.</param>
    /// <exception cref="FrameLostException">The store failed.</exception>
    internal void Store(Activation activation, IFrameStore store, NativeSpan<byte> frame, CodecMethod method, Stage stage)
    {
        using StageScope scope = StageTelemetry.Start(stage);
        scope.Moved(frame.Length, frame.Length);
        try
        {
            activation.Frame = PutOrKeep(activation, store, frame);
        }
        catch (FrameLostException error)
        {
            journal.FrameLost(store.Name, error.Message);
            throw;
        }

        (activation.Store, activation.Method, activation.FrameBytes) = (store, method, frame.Length);
        statistics.Held(frame.Length, activation.Spec.ByteCount);
    }

    /// <summary>Expands an activation's frame.</summary>
    /// <param name="activation">Stored.</param>
    /// <param name="destination">Receives the tensor.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <exception cref="FrameLostException">The frame is damaged, or its store failed.</exception>
    /// <exception cref="BackendException">Every backend failed.</exception>
    internal void Expand(Activation activation, TensorView destination, CancellationToken cancellationToken)
    {
        string store = activation.Store!.Name;
        try
        {
            ExpandFrame(activation, destination, cancellationToken);
        }
        catch (FrameLostException error)
        {
            journal.FrameLost(store, error.Message);
            throw;
        }
    }

    /// <summary>Expands an activation's frame into its destination, ahead of need.</summary>
    /// <param name="activation">Stored, with a destination.</param>
    /// <returns>Whether it is there. Where not, that was told, and <see cref="Expand"/> may do better.</returns>
    internal bool TryExpandAhead(Activation activation)
    {
        try
        {
            ExpandFrame(activation, activation.Destination, activation.Cancellation);
            return true;
        }
#pragma warning disable CA1031 // Take does it again, and throws what it meets.
        catch (Exception error)
#pragma warning restore CA1031
        {
            AheadFailed(activation, error);
            return false;
        }
    }

    /// <summary>Tells that an activation could not be expanded ahead of need.</summary>
    /// <param name="activation">Stored.</param>
    /// <param name="error">Why; a cancellation is no failure.</param>
    internal void AheadFailed(Activation activation, Exception error)
    {
        if (error is not OperationCanceledException)
        {
            journal.PrefetchFailed(activation.Store!.Name, error.Message);
        }
    }

    /// <summary>Tells that threads of the engine did not end with it.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="limit">How long they were waited for.</param>
    internal void WorkersLeft(int threads, TimeSpan limit) => journal.WorkersLeft(threads, limit.TotalSeconds);

    /// <summary>Removes an activation's frame, if it has one.</summary>
    /// <param name="activation">The activation.</param>
    internal void Remove(Activation activation)
    {
        if (activation.Store is { } store)
        {
            store.Remove(activation.Frame);
            activation.Store = null;
            statistics.Held(-activation.FrameBytes, -activation.Spec.ByteCount);
        }
    }

    /// <summary>Ends what the chain does by itself, and frees the scratch memory.</summary>
    public void Dispose()
    {
        chain.Dispose();
        _scratch.Dispose();
    }

    private void ExpandFrame(Activation activation, TensorView destination, CancellationToken cancellationToken)
    {
        IFrameStore store = activation.Store!;
        using ScratchPool.Lease room = store is HostMemoryStore ? default : _scratch.Rent(activation.FrameBytes);
        FrameReader reader = _readers.Rent();
        try
        {
            NativeSpan<byte> frame = Read(activation, store, room);
            OutputCheck.WorkOn(activation.Label);
            reader.Reopen(frame, activation.Spec, activation.Profile.Shifts, chain.ChecksTiles);
            long started = Stopwatch.GetTimestamp();
            BackendCapabilities by = chain.Expand(reader, destination, cancellationToken);
            statistics.Expanded(by, activation, Stopwatch.GetElapsedTime(started));
        }
        catch (InvalidFrameException error)
        {
            throw new FrameLostException($"The frame of {activation.Spec}, {activation.FrameBytes} bytes kept in {store.Name}, is damaged: {error.Message}", error);
        }
        catch (BackendStuckException)
        {
            room.Abandon();
            GiveUp(activation);
            throw;
        }
        finally
        {
            // A reader of a call that does not end is used by it, and by nobody else.
            if (!activation.IsHostage)
            {
                _readers.Return(reader);
            }
        }
    }

    private static FrameHandle PutOrKeep(Activation activation, IFrameStore store, NativeSpan<byte> frame)
    {
        NativeSpan<byte> room = activation.Room;
        if (room.Length == 0 || activation.RoomOwner != store)
        {
            return store.Put(frame);
        }

        activation.Room = default;
        return store.Keep(room, frame.Length);
    }

    // Leaked from now on, not held.
    private void GiveUp(Activation activation)
    {
        if (activation.Store is { } store)
        {
            store.Pin(activation.Frame);
            statistics.Held(-activation.FrameBytes, -activation.Spec.ByteCount);
        }

        activation.IsHostage = true;
        Hostages.Keep(activation);
        OffloadTelemetry.Leaked("engine", 1, activation.Spec.ByteCount);
    }

    private static NativeSpan<byte> Read(Activation activation, IFrameStore store, ScratchPool.Lease room)
    {
        using StageScope scope = room.IsNone ? default : StageTelemetry.Start(Stage.Unspill);
        scope.Moved(activation.FrameBytes, activation.FrameBytes);
        return store.Read(activation.Frame, room.IsNone ? default : room.Bytes);
    }
}
