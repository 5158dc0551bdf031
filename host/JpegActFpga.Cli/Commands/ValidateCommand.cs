using System.CommandLine;
using System.Diagnostics;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Cli.Validation;
using JpegActFpga.Cuda;
using JpegActFpga.Fpga;
using JpegActFpga.Gpu;
using JpegActFpga.Training.Data;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact validate: a card against the reference codec, byte by byte.</summary>
internal static class ValidateCommand
{
    private const int SmallLaunchBlocks = 128;
    private const long DefaultBlocks = 200_000;
    private const long QuickBlocks = 5_000;

    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var seed = new Option<int>("--seed") { Description = "Seed of everything that is random.", HelpName = "S", DefaultValueFactory = _ => 1 };
        var quick = new Option<bool>("--quick") { Description = "Fewer tensors: seconds instead of minutes." };
        var blocks = new Option<long?>("--blocks") { Description = $"Blocks of random tensors, 1 or more. [default: {DefaultBlocks}; {QuickBlocks} with --quick]", HelpName = "N" };
        var data = new Option<string>("--data") { Description = "Folder of Fashion-MNIST, for real activations.", HelpName = "DIR", DefaultValueFactory = _ => FashionMnist.DefaultFolder };
        Option<bool> json = CommonOptions.Json();
        blocks.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out long count) && count < 1)
            {
                result.AddError($"--blocks {count} is below 1");
            }
        });
        var command = new Command("validate", "Try the card, or the GPU, against the reference codec; every byte must be equal.");
        var backend = new Option<string>("--backend") { Description = "What is tried: the FPGA card, or the first GPU.", HelpName = "fpga|gpu", DefaultValueFactory = _ => "fpga" };
        backend.AcceptOnlyFromAmong("fpga", "gpu");
        command.Add(backend);
        var card = new CardOptions(command);
        command.Add(seed);
        command.Add(quick);
        command.Add(blocks);
        command.Add(data);
        command.Add(json);
        command.SetWork(json, async (parsed, console, cancellationToken) =>
        {
            bool onGpu = parsed.GetRequiredValue(backend) == "gpu";
            if (onGpu && card.AnyGiven(parsed))
            {
                throw new CliException(ExitCode.Usage, $"{CardOptions.Names} choose a card; leave out --backend gpu");
            }

            bool isQuick = parsed.GetValue(quick);
            var options = new ValidationOptions(
                parsed.GetRequiredValue(seed),
                isQuick,
                parsed.GetValue(blocks) ?? (isQuick ? QuickBlocks : DefaultBlocks),
                parsed.GetRequiredValue(data));
            ValidateReport report = onGpu
                ? await RunOnGpuAsync(options, console, cancellationToken).ConfigureAwait(false)
                : await RunAsync(card.Read(parsed), options, console, cancellationToken).ConfigureAwait(false);
            console.Write(report, ReportJson.Default.ValidateReport);
            return report.Failed == 0 ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<ValidateReport> RunOnGpuAsync(ValidationOptions options, CommandOutput console, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        var gpu = new GpuSelection(0, TorchComputes: false);
        await using GpuBackend device = gpu.Open();
        string runtime = $"CUDA driver {CudaLibrary.Name}";
        console.Running.WriteLine($"{device.Capabilities.Device}, {runtime}, seed {options.Seed}");
        var suite = new ValidationSuite(device, () => gpu.Open(smallRing: true), options);
        IReadOnlyList<VerdictPart> verdicts = await suite.RunAsync(verdict => console.Running.WriteLine(verdict), cancellationToken).ConfigureAwait(false);
        return new ValidateReport(device.Capabilities.Device, runtime, Xclbin: null, options.Seed, options.Quick, verdicts, Stopwatch.GetElapsedTime(started).TotalSeconds, KernelTimes: []);
    }

    private static async Task<ValidateReport> RunAsync(CardSelection card, ValidationOptions options, CommandOutput console, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using FpgaBackend device = card.Open();
        console.Running.WriteLine($"{device.Capabilities.Device}, {CardInventory.XrtName()}, xclbin {device.Bitstream.File.Uuid}, seed {options.Seed}");
        var suite = new ValidationSuite(device, () => card.Open(usual => usual with { LaunchBlocks = SmallLaunchBlocks }), options);
        IReadOnlyList<VerdictPart> verdicts = await suite.RunAsync(verdict => console.Running.WriteLine(verdict), cancellationToken).ConfigureAwait(false);
        return new ValidateReport(
            device.Capabilities.Device,
            CardInventory.XrtName(),
            XclbinPart.Of(device.Bitstream),
            options.Seed,
            options.Quick,
            verdicts,
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            EmulatedKernelTimes.Read(card));
    }
}
