using System.CommandLine;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Diagnosis;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Training.Data;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact doctor: what the program needs, where it was found, and what provides what is missing.</summary>
internal static class DoctorCommand
{
    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        var data = new Option<string>("--data") { Description = "Folder of Fashion-MNIST.", HelpName = "DIR", DefaultValueFactory = _ => FashionMnist.DefaultFolder };
        var xclbin = new Option<string>("--xclbin") { Description = $"The xclbin to check; {CardOptions.XclbinVariable} where this is not given.", HelpName = "FILE" };
        Option<TimeSpan?> timeout = CommonOptions.DriverTimeout();
        var command = new Command("doctor", "Check everything that this program depends on, and say what provides what is missing.") { xclbin, data, timeout, json };
        command.SetWork(json, (parsed, console, _) =>
        {
            string? path = parsed.GetValue(xclbin) ?? Environment.GetEnvironmentVariable(CardOptions.XclbinVariable);
            var report = new DoctorReport(
            [
                .. HostChecks.Run(parsed.GetRequiredValue(data)),
                .. CardChecks.Run(string.IsNullOrEmpty(path) ? null : path, parsed.DriverTimeoutOf(timeout)),
                .. GpuChecks.Run(),
            ]);
            console.Write(report, ReportJson.Default.DoctorReport);
            return Task.FromResult(report.Missing == 0 ? ExitCode.Good : ExitCode.Failed);
        });
        return command;
    }
}
