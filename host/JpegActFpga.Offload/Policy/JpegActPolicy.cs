using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Policy;

/// <summary>Which values of ReLU, pooling and dropout go through the transform.</summary>
public enum SparseTreatment
{
    /// <summary>The same as dense values.</summary>
    Transform,

    /// <summary>SFPR with zero-value compression, as the paper's table has it.</summary>
    ZeroValueOnly,
}

/// <summary>The method's rules: JPEG-ACT for values, one bit for a ReLU's own backward, small tensors left alone.</summary>
/// <remarks>Immutable; safe from any thread.</remarks>
public sealed class JpegActPolicy : IOffloadPolicy
{
    /// <summary>Tensors of fewer elements stay where they are: a frame's fixed cost and a launch would outweigh the gain.</summary>
    public const long DefaultMinElements = 4096;

    /// <summary>Narrower images go to SFPR+ZVC: below 8 columns most of each block of the transform would be padding.</summary>
    public const long MinTransformWidth = BlockGeometry.BlockSide;

    private readonly CodecProfile _transform;
    private readonly ScaledPolicy _withoutTransform;
    private readonly SparseTreatment _sparse;

    /// <summary>Initializes a new instance of the <see cref="JpegActPolicy"/> class.</summary>
    /// <param name="transform">The profile of values: method jpeg-act.</param>
    /// <param name="sparse">What is done with sparse values.</param>
    /// <param name="minElements">Smallest tensor that is offloaded, in elements; 1 or more.</param>
    /// <exception cref="ArgumentException">The profile's method is not jpeg-act, or the bound is below 1.</exception>
    public JpegActPolicy(CodecProfile transform, SparseTreatment sparse = SparseTreatment.Transform, long minElements = DefaultMinElements)
    {
        ArgumentNullException.ThrowIfNull(transform);
        if (transform.Method != CodecMethod.JpegAct)
        {
            throw new ArgumentException($"The policy's profile has method {transform.Method.DisplayName()}; it must be jpeg-act.", nameof(transform));
        }

        _transform = transform;
        _withoutTransform = new ScaledPolicy(CodecProfile.Sfpr(zeroValueCompression: true, transform.FullScale, transform.ScaleMode), minElements);
        _sparse = sparse;
    }

    /// <inheritdoc/>
    public CodecProfile? Choose(TensorSpec spec, ActivationUse use)
    {
        CodecProfile? withoutTransform = _withoutTransform.Choose(spec, use);
        bool leaves = withoutTransform is null || use == ActivationUse.ReluSign || spec.Shape.W < MinTransformWidth
            || (use == ActivationUse.SparseValues && _sparse == SparseTreatment.ZeroValueOnly);
        return leaves ? withoutTransform : _transform;
    }
}
