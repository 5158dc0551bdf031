namespace JpegActFpga.Training.SavedTensors;

/// <summary>Hooks that can tell how much they compress.</summary>
public interface ICompressionReport
{
    /// <summary>Bytes of the tensors packed so far over the bytes held for them; null before the first.</summary>
    double? CompressionRatio { get; }
}
