namespace JpegActFpga.Cli.Reports;

/// <summary>What expanding a frame gave.</summary>
/// <param name="Input">The frame's file.</param>
/// <param name="Output">The .npy file.</param>
/// <param name="Tensor">The tensor as the frame has it.</param>
/// <param name="WrittenAs">Element type in the file: float32 for bfloat16 frames, else the frame's.</param>
/// <param name="Settings">The settings that the frame was made with.</param>
/// <param name="FrameBytes">Bytes of the frame.</param>
/// <param name="RanOn">What expanded it.</param>
internal sealed record DecompressReport(
    string Input,
    string Output,
    TensorPart Tensor,
    string WrittenAs,
    SettingsPart Settings,
    long FrameBytes,
    RanOnPart RanOn) : Report("decompress")
{
    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        writer.WriteLine($"{Input} -> {Output}");
        var fields = new TextFields(writer, 8);
        fields.Add("frame", $"{Numbers.Bytes(FrameBytes)}, {Settings}");
        fields.Add("tensor", Tensor.ToString());
        if (WrittenAs != Tensor.ElementType)
        {
            fields.Add("written", $"as {WrittenAs}, each element widened exactly: .npy has no {Tensor.ElementType}");
        }

        fields.Add("ran on", RanOn.ToString());
    }
}
