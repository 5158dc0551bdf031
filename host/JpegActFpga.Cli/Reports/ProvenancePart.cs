using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using JpegActFpga.Cli.Diagnosis;

namespace JpegActFpga.Cli.Reports;

/// <summary>When figures were taken, by which program, on which machine: what their reader needs who was not there.</summary>
/// <param name="Taken">The end of the measurement, UTC, ISO 8601.</param>
/// <param name="Program">This program and its version, with the commit that it was built from where that is known.</param>
/// <param name="Processor">The host's processor.</param>
/// <param name="LogicalProcessors">How many the process may use.</param>
/// <param name="System">Operating system and kernel.</param>
/// <param name="Framework">.NET and its version.</param>
internal sealed record ProvenancePart(string Taken, string Program, string Processor, int LogicalProcessors, string System, string Framework)
{
    /// <summary>Describes this moment and this machine.</summary>
    internal static ProvenancePart Now() => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        $"jpegact {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}",
        Machine.ProcessorName(),
        Environment.ProcessorCount,
        $"{RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
        RuntimeInformation.FrameworkDescription);

    /// <inheritdoc/>
    public override string ToString() => $"{Taken}, {Program}, {Processor}, {LogicalProcessors} logical processors, {System}, {Framework}";
}
