using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>Where an activation's frame is in its life.</summary>
internal enum FrameState
{
    /// <summary>The source waits for a worker.</summary>
    Queued,

    /// <summary>A thread is compressing it.</summary>
    Compressing,

    /// <summary>The frame is in its store.</summary>
    Stored,

    /// <summary>There is no frame; <see cref="Activation.Error"/> says why.</summary>
    Failed,
}

/// <summary>Where the expansion ahead of need is.</summary>
internal enum AheadState
{
    /// <summary>Not begun.</summary>
    None,

    /// <summary>A thread is making the destination.</summary>
    Claimed,

    /// <summary>The frame waits for a worker.</summary>
    Queued,

    /// <summary>A thread is expanding it.</summary>
    Expanding,

    /// <summary>The destination is filled.</summary>
    Ready,

    /// <summary>It could not be filled; the engine's journal was told why, and Take tries again.</summary>
    Failed,
}

/// <summary>
/// All that the pipeline knows of one stashed activation. Used again for another one after its release, so that a stash
/// allocates nothing. Guarded by the pipeline's lock, except what only the thread that works on it touches.
/// </summary>
/// <param name="pipeline">The pipeline it belongs to for ever.</param>
internal sealed class Activation(OffloadPipeline pipeline)
{
    private uint _generation = 1;

    /// <summary>Gets the pipeline.</summary>
    internal OffloadPipeline Pipeline { get; } = pipeline;

    /// <summary>Gets which user of this object is the current one; a ticket of another generation is void.</summary>
    internal uint Generation => Volatile.Read(ref _generation);

    /// <summary>Gets or sets type and shape.</summary>
    internal TensorSpec Spec { get; set; } = null!;

    internal CodecProfile Profile { get; set; } = null!;

    internal TensorView Source { get; set; }

    internal IActivationOwner? Owner { get; set; }

    internal ActivationLabel? Label { get; set; }

    /// <summary>Gets or sets what a trace says of the work that others do for this activation.</summary>
    internal StageOrigin Origin { get; set; }

    internal CancellationToken Cancellation { get; set; }

    /// <summary>Gets or sets the thread that stashed it.</summary>
    internal int Thread { get; set; }

    /// <summary>Gets or sets the room that any frame of it fits.</summary>
    internal long MostFrameBytes { get; set; }

    /// <summary>Gets or sets memory that a store lent for the frame, while it is made.</summary>
    internal NativeSpan<byte> Room { get; set; }

    /// <summary>Gets or sets the store that lent it, or did before.</summary>
    internal IFrameStore? RoomOwner { get; set; }

    internal FrameState State { get; set; }

    internal Exception? Error { get; set; }

    internal IFrameStore? Store { get; set; }

    internal FrameHandle Frame { get; set; }

    internal CodecMethod Method { get; set; }

    internal long FrameBytes { get; set; }

    /// <summary>Gets or sets the bytes that count against the memory bound on its behalf.</summary>
    internal long Reserved { get; set; }

    /// <summary>Gets or sets a value indicating whether the owner still keeps the source for us.</summary>
    internal bool SourceHeld { get; set; }

    /// <summary>Gets or sets a value indicating whether a thread is about to give the source back.</summary>
    internal bool Retiring { get; set; }

    /// <summary>Gets or sets a value indicating whether its ticket was disposed while a thread worked on it: who ends the work gives it up.</summary>
    internal bool Abandoned { get; set; }

    /// <summary>Gets or sets a value indicating whether it was taken: a backward pass takes it once as a rule.</summary>
    internal bool Taken { get; set; }

    /// <summary>Gets or sets a value indicating whether a backend that does not end a call may use its tensors and its frame for ever: nothing of it is given back.</summary>
    internal bool IsHostage { get; set; }

    internal AheadState Ahead { get; set; }

    internal TensorView Destination { get; set; }

    /// <summary>Gets or sets when it came into a queue, in ticks of the stopwatch.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>Gets or sets when the destination was filled, in ticks of the stopwatch.</summary>
    internal long ReadyAt { get; set; }

    /// <summary>Gets or sets the next of the list it is in: a queue, what is finished, or what is free.</summary>
    internal Activation? Next { get; set; }

    /// <summary>Gets or sets the activation stashed before it, of those alive.</summary>
    internal Activation? Older { get; set; }

    /// <summary>Gets or sets the activation stashed after it.</summary>
    internal Activation? Newer { get; set; }

    /// <summary>Voids every ticket of it.</summary>
    internal void EndGeneration() => Volatile.Write(ref _generation, _generation + 1);

    /// <summary>Forgets everything, for the next user.</summary>
    internal void Clear()
    {
        (Spec, Profile, Owner, Label, Error, Store) = (null!, null!, null, null, null, null);
        (Source, Destination, Origin, Cancellation, Frame) = (default, default, default, default, default);
        (SourceHeld, Retiring, Abandoned, Taken, Ahead) = (false, false, false, false, AheadState.None);
        (FrameBytes, MostFrameBytes, Reserved) = (0, 0, 0);
        (Next, Older, Newer) = (null, null, null);
    }
}
