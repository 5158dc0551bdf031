using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Policy;

/// <summary>Eight bits a value without the transform (SFPR, as it is or with zero-value compression), one bit for a ReLU's own backward, small tensors left alone.</summary>
/// <remarks>What the paper sets its transform beside: the same first stage, four times less and little work. Immutable; safe from any thread.</remarks>
public sealed class ScaledPolicy : IOffloadPolicy
{
    private readonly CodecProfile _values;
    private readonly long _minElements;

    /// <summary>Initializes a new instance of the <see cref="ScaledPolicy"/> class.</summary>
    /// <param name="values">The profile of values: method sfpr or sfpr-zvc.</param>
    /// <param name="minElements">Smallest tensor that is offloaded, in elements; 1 or more.</param>
    /// <exception cref="ArgumentException">The profile has another method, or the bound is below 1.</exception>
    public ScaledPolicy(CodecProfile values, long minElements = JpegActPolicy.DefaultMinElements)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(minElements, 1);
        if (values.Method is not (CodecMethod.Sfpr or CodecMethod.SfprZvc))
        {
            throw new ArgumentException($"The policy's profile has method {values.Method.DisplayName()}; it must be sfpr or sfpr-zvc.", nameof(values));
        }

        _values = values;
        _minElements = minElements;
    }

    /// <inheritdoc/>
    public CodecProfile? Choose(TensorSpec spec, ActivationUse use)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Shape.ElementCount < _minElements)
        {
            return null;
        }

        return use == ActivationUse.ReluSign ? CodecProfile.Brc : _values;
    }
}
