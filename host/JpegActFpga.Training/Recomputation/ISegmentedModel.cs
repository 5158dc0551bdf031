namespace JpegActFpga.Training.Recomputation;

/// <summary>A model that tells where it can be cut into segments for <see cref="RecomputeHooks"/>.</summary>
public interface ISegmentedModel
{
    /// <summary>
    /// Dotted names, as <c>named_modules</c> gives them, of the children of one <c>Sequential</c> at which a segment may
    /// begin, in order. What runs before the first of them is in no segment.
    /// </summary>
    IReadOnlyList<string> SegmentStarts { get; }
}
