namespace JpegActFpga.Cli.Reports;

/// <summary>What trying a card against the reference codec gave.</summary>
/// <param name="Device">The card or GPU in words; says so where it is emulated.</param>
/// <param name="Runtime">XRT or the CUDA driver.</param>
/// <param name="Xclbin">The xclbin; null where a GPU was tried.</param>
/// <param name="Seed">Seed of everything that was random.</param>
/// <param name="Quick">Fewer tensors were tried.</param>
/// <param name="Tests">The verdicts.</param>
/// <param name="Seconds">Time of all tests.</param>
/// <param name="KernelTimes">Kernel time measured and modelled, by compute unit; empty where no card is emulated.</param>
internal sealed record ValidateReport(
    string Device,
    string Runtime,
    XclbinPart? Xclbin,
    int Seed,
    bool Quick,
    IReadOnlyList<VerdictPart> Tests,
    double Seconds,
    IReadOnlyList<KernelTimePart> KernelTimes) : MeasuredReport("validate")
{
    /// <summary>Gets the number of tests that passed.</summary>
    public int Passed => Tests.Count(test => test.Verdict == VerdictPart.Pass);

    /// <summary>Gets the number of tests that failed.</summary>
    public int Failed => Tests.Count(test => test.Verdict == VerdictPart.Fail);

    /// <summary>Gets the number of tests that could not be run.</summary>
    public int Skipped => Tests.Count(test => test.Verdict == VerdictPart.Skip);

    /// <summary>Writes the sum; the verdicts went out as they fell.</summary>
    /// <param name="writer">Where to.</param>
    internal override void WriteText(TextWriter writer)
    {
        KernelTimePart.Write(KernelTimes, string.Empty, writer);
        writer.WriteLine($"{Passed} passed, {Failed} failed, {Skipped} skipped in {Seconds:0.0} s on {Device}, {Runtime}");
    }
}

/// <summary>The verdict of one test.</summary>
/// <param name="Name">The test.</param>
/// <param name="Verdict">PASS, FAIL or SKIP.</param>
/// <param name="Detail">What was tried, where it failed, or why it was skipped.</param>
/// <param name="Seconds">Its time.</param>
internal sealed record VerdictPart(string Name, string Verdict, string Detail, double Seconds)
{
    /// <summary>Every byte was equal.</summary>
    internal const string Pass = "PASS";

    /// <summary>A byte differed or the device failed.</summary>
    internal const string Fail = "FAIL";

    /// <summary>It could not be run here.</summary>
    internal const string Skip = "SKIP";

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict} {Name,-22} {Detail}";
}

/// <summary>An xclbin that passed the checks against its manifest and this program.</summary>
/// <param name="Path">The file.</param>
/// <param name="Platform">Platform that it was made for.</param>
/// <param name="Target">csim (emulated card), hw_emu or hw.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="ComputeUnits">Instances of each kernel.</param>
/// <param name="Banks">Tags of the memory banks.</param>
internal sealed record XclbinPart(
    string Path,
    string Platform,
    string Target,
    Guid Uuid,
    string Sha256,
    IReadOnlyDictionary<string, int> ComputeUnits,
    IReadOnlyList<string> Banks)
{
    /// <summary>Describes an xclbin.</summary>
    /// <param name="bitstream">The xclbin.</param>
    internal static XclbinPart Of(Xclbin.VerifiedBitstream bitstream) => new(
        bitstream.File.Path,
        bitstream.File.Platform,
        JpegActFpga.Xclbin.XclbinTargetName.Of(bitstream.File.Target),
        bitstream.File.Uuid,
        bitstream.File.Sha256,
        bitstream.File.ComputeUnits.CountBy(unit => unit.Kernel).ToDictionary(StringComparer.Ordinal),
        [.. bitstream.File.MemoryBanks.Where(bank => bank.Used).Select(bank => bank.Tag)]);
}
