namespace JpegActFpga.Offload.Policy;

/// <summary>What the backward pass does with a saved activation.</summary>
public enum ActivationUse
{
    /// <summary>It needs the values; they are dense (outputs of convolutions, sums, normalisations).</summary>
    DenseValues,

    /// <summary>It needs the values; many are zero (outputs of ReLU, pooling, dropout).</summary>
    SparseValues,

    /// <summary>It needs only whether each value is above zero: the ReLU's own backward.</summary>
    ReluSign,
}
