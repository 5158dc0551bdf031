using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload;

/// <summary>
/// Whose activation a ticket stands for: keeps the source alive until the engine has done with it, and makes the tensor that
/// the activation is expanded to.
/// </summary>
/// <remarks>
/// The engine's workers call none of these: every call comes from inside Stash, Take or Dispose, on the thread that called
/// those, and never two at once for one ticket. So an implementation may use a library that minds which thread calls it.
/// Only <see cref="CreateDestination"/> may fail.
/// </remarks>
public interface IActivationOwner
{
    /// <summary>
    /// Gets a value indicating whether the source still holds what it held when it was stashed. Asked once its frame is
    /// stored, before <see cref="ReleaseSource"/>.
    /// </summary>
    bool IsSourceUnchanged { get; }

    /// <summary>The engine reads the source no more. Called exactly once for each ticket, in the end, whatever happens.</summary>
    void ReleaseSource();

    /// <summary>The frame is in its store. Called at most once, before <see cref="ReleaseSource"/>.</summary>
    /// <param name="frameBytes">Bytes of the frame.</param>
    void Stored(long frameBytes);

    /// <summary>
    /// Makes the tensor that the activation is expanded to, ahead of need or when it is taken. It is written to until Take
    /// returns, or <see cref="DropDestination"/> is called.
    /// </summary>
    /// <returns>A tensor of the activation's type and shape.</returns>
    TensorView CreateDestination();

    /// <summary>The tensor made last is not wanted, or could not be filled.</summary>
    void DropDestination();
}
