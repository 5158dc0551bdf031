using System.Diagnostics;
using System.Runtime.InteropServices;
using JpegActFpga.Codec.Simd;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Where and on what the figures were made.</summary>
internal sealed record MachineFacts(string Processor, int Cores, string Load, string Runtime, string Isa, string Commit, DateTimeOffset Time)
{
    internal static MachineFacts Gather(CodecIsa isa) => new(
        ReadLine("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "unknown",
        RuntimeInformation.FrameworkDescription,
        isa.DisplayName(),
        FindCommit(),
        DateTimeOffset.UtcNow);

    public override string ToString() => $"{Processor}, {Cores} cores, load {Load}; {Runtime}; {Isa} codec; commit {Commit}";

    private static string? ReadLine(string path, string key) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() : null;

    private static string FindCommit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            string text = git?.StandardOutput.ReadToEnd().Trim() ?? string.Empty;
            git?.WaitForExit(5000);
            return text.Length == 0 ? "unknown" : text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown (no git)";
        }
    }
}
