using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Decides what autograd keeps instead of a tensor that it saves for the backward pass. Install with
/// <see cref="SavedTensorsHooks.Use"/>.
/// </summary>
/// <remarks>
/// <see cref="Pack"/> runs on the thread of the forward pass. <see cref="Unpack"/> and <see cref="Release"/> run on whichever
/// thread runs the backward pass or drops the graph. Tensors created inside a call that are not returned are disposed when it
/// returns, unless detached from their dispose scope. Hooks are off inside a hook.
/// An exception in Pack keeps the tensor as it is; one in Unpack fails the backward pass with a torch error; one in Release
/// only leaks what the hook held. All three are latched: see <see cref="SavedTensorsHooks.ThrowIfFailed"/>.
/// </remarks>
public interface ISavedTensorHooks
{
    /// <summary>Called when autograd saves <paramref name="tensor"/>.</summary>
    /// <param name="info">What is known of the tensor and of the operation that made it.</param>
    /// <param name="tensor">Borrowed for the call: neither keep nor modify it (keep <c>TensorHandles.Share</c> instead).</param>
    /// <returns>The packed form, handed to Unpack and at last to Release; or null to let autograd keep the tensor itself.</returns>
    object? Pack(in SavedTensorInfo info, torch.Tensor tensor);

    /// <summary>
    /// Gives the tensor back: same element type and shape. May be called more than once (retain_graph). The returned
    /// wrapper passes to autograd: return a handle of your own making (<c>TensorHandles.Share</c> for one that you keep).
    /// </summary>
    torch.Tensor Unpack(object packed);

    /// <summary>The saved tensor is no longer needed: after the backward pass, or because the graph was dropped.</summary>
    void Release(object packed);
}
