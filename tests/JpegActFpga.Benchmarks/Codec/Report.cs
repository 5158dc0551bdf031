using System.Globalization;
using System.Text.Json;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>One line of the report.</summary>
/// <param name="Section">What group it belongs to.</param>
/// <param name="Name">What was timed.</param>
/// <param name="Threads">Threads.</param>
/// <param name="BestGBps">10^9 tensor bytes a second in the fastest batch.</param>
/// <param name="MedianGBps">In the median batch.</param>
/// <param name="SpreadPercent">Median against best.</param>
/// <param name="OfReference">Fraction of the section's first line (memcpy), best against best.</param>
/// <param name="Ratio">Tensor bytes over compressed bytes, where it is a codec.</param>
/// <param name="Nrmse">Error, where it is a lossy codec.</param>
internal sealed record ReportLine(string Section, string Name, int Threads, double BestGBps, double MedianGBps, double SpreadPercent, double OfReference, double? Ratio, double? Nrmse);

/// <summary>Collects lines, prints them as a table, and writes them as JSON.</summary>
internal sealed class Report(MachineFacts machine)
{
    private readonly List<ReportLine> _lines = [];

    /// <summary>Adds a section; the first timing is what the others are fractions of.</summary>
    internal void Add(string section, int threads, IReadOnlyList<Timing> timings, IReadOnlyDictionary<string, (double? Ratio, double? Nrmse)>? quality = null)
    {
        Console.WriteLine();
        Console.WriteLine(section);
        Console.WriteLine($"  {string.Empty,-40} {"GB/s best",10} {"median",8} {"spread",7} {"of first",9} {"ratio",7} {"NRMSE",7}");
        foreach (Timing timing in timings)
        {
            (double? ratio, double? nrmse) = quality?.GetValueOrDefault(timing.Name) ?? (null, null);
            var line = new ReportLine(section, timing.Name.Trim(), threads, timing.BestGBps, timing.MedianGBps, timing.SpreadPercent, timing.BestGBps / timings[0].BestGBps, ratio, nrmse);
            _lines.Add(line);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {timing.Name,-40} {line.BestGBps,10:F2} {line.MedianGBps,8:F2} {line.SpreadPercent,6:F0}% {line.OfReference,9:F3} {(ratio is { } r ? r.ToString("F2", CultureInfo.InvariantCulture) : "-"),7} {(nrmse is { } n ? n.ToString("F4", CultureInfo.InvariantCulture) : "-"),7}"));
        }
    }

    /// <summary>Says what was left out and why.</summary>
    internal static void Skip(string what) => Console.WriteLine($"  skipped: {what}");

    internal void WriteJson(string path)
    {
        File.WriteAllText(path, JsonSerializer.Serialize(new { Machine = machine, Lines = _lines }, JsonSerializerOptions.Web));
        Console.WriteLine();
        Console.WriteLine($"results: {path}");
    }
}
