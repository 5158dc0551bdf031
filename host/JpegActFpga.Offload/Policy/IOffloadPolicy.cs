using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Policy;

/// <summary>Chooses what becomes of an activation. Implementations are safe from any thread.</summary>
public interface IOffloadPolicy
{
    /// <summary>Chooses the profile of an activation.</summary>
    /// <param name="spec">The activation.</param>
    /// <param name="use">What the backward pass needs of it.</param>
    /// <returns>The profile, or null to leave the tensor where it is.</returns>
    CodecProfile? Choose(TensorSpec spec, ActivationUse use);
}
