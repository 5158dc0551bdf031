using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Policy;

/// <summary>Stores every activation bit for bit: the hooks and the store without a codec, for comparison and for exactness tests.</summary>
/// <param name="minElements">Smallest tensor that is offloaded, in elements.</param>
public sealed class RawPolicy(long minElements = JpegActPolicy.DefaultMinElements) : IOffloadPolicy
{
    /// <inheritdoc/>
    public CodecProfile? Choose(TensorSpec spec, ActivationUse use)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Shape.ElementCount < minElements ? null : CodecProfile.Raw;
    }
}
