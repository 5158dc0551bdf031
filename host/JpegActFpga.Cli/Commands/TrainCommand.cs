using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Diagnosis;
using JpegActFpga.Cli.Jobs;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using Spectre.Console;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact train: trains a CNN with its activations compressed, and without, and shows both.</summary>
internal static class TrainCommand
{
    private const string StandardOutput = "-";

    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var command = new Command("train", "Train a CNN with its activations compressed between forward and backward, and without; print both.");
        var options = new TrainOptions(command);
        var json = new Option<string>("--json") { Description = "Write a JSON document to a file as well; - for standard output, and the text to standard error.", HelpName = "FILE" };
        command.Add(json);
        command.SetWork(parsed => parsed.GetValue(json) == StandardOutput, async (parsed, console, cancellationToken) =>
        {
            TrainSettings settings = options.Read(parsed);
            string? file = parsed.GetValue(json);
            if (file is not null && !console.IsJson)
            {
                Files.OutputFile.Check(file, input: null, overwrite: true);
            }

            TrainReport report = await RunAsync(settings, console, cancellationToken).ConfigureAwait(false);
            report.WriteText(console.Running);
            console.WriteJson(report, ReportJson.Default.TrainReport, file);
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task<TrainReport> RunAsync(TrainSettings settings, CommandOutput console, CancellationToken cancellationToken)
    {
        try
        {
            settings.Training.Validate();
            (ImageDataset train, ImageDataset test) = settings.Data.Load();
            train = settings.Training.TrainImages > 0 ? train.Take(settings.Training.TrainImages) : train;
            test = settings.Training.TestImages > 0 ? test.Take(settings.Training.TestImages) : test;
            TorchRuntime.EnsureLoaded();
            if (settings.Training.Gpu is not null)
            {
                TorchCuda.Demand();
            }

            NativeMemoryTuning.KeepFreedMemory();
            return await RunAsync(settings, train, test, console, cancellationToken).ConfigureAwait(false);
        }
        catch (ValidationException error)
        {
            throw new CliException(ExitCode.Usage, error.Message);
        }
        catch (SavedTensorHookException error) when (error.InnerException is OperationCanceledException cancelled)
        {
            throw cancelled;
        }
        catch (Exception error) when (error is TrainingDivergedException or SavedTensorHookException or PlatformNotSupportedException or DllNotFoundException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
    }

    private static async Task<TrainReport> RunAsync(TrainSettings settings, ImageDataset train, ImageDataset test, CommandOutput console, CancellationToken cancellationToken)
    {
        bool offloads = settings.Method != OffloadMethod.None;

        // Raw frames are copies, which no card makes.
        BackendChoice choice = settings.Method != OffloadMethod.Raw ? settings.Backend : settings.Training.Gpu is null ? BackendChoice.Cpu : BackendChoice.Gpu;
        await using BackendSet? backends = offloads ? OpenBackends(choice, settings) : null;
        string trainedOn = $"{Machine.ProcessorName()}, {Environment.ProcessorCount} logical processors, libtorch {Machine.TorchName()}";
        trainedOn = settings.Training.Gpu is { } gpu ? $"{Machine.GpuName(gpu)}, libtorch {Machine.TorchName()}" : trainedOn;
        console.Running.WriteLine($"{settings.Model} on {train.Name}, {train.Count} images, {settings.Training.Epochs} epochs of batches of {settings.Training.Batch}, seed {settings.Training.Seed}");
        console.Running.WriteLine($"training runs on {trainedOn}");
        if (backends is not null)
        {
            console.Running.WriteLine($"compression runs on {backends.Description}");
        }

        var job = new TrainJob(settings, train, test, Display(console), new DiagnosticLogger(console));
        var runs = new List<RunPart>();
        if (!offloads || settings.Compare)
        {
            runs.Add(job.RunUncompressed(cancellationToken));
        }

        if (backends is not null)
        {
            runs.Add(job.RunOffloaded(backends, cancellationToken));
        }

        if (settings.Recording is { } recording)
        {
            console.Running.WriteLine($"saved {job.SavedActivations.Count} activations in {recording.Folder}");
        }

        TrainingOptions training = settings.Training;
        return new TrainReport(
            new JobPart(settings.Model, settings.Data.ToString(), train.Count, test.Count, training.Epochs, training.Batch, training.LearningRate, (int)training.Seed, training.Threads),
            trainedOn,
            backends?.Description,
            runs);
    }

    private static BackendSet OpenBackends(BackendChoice choice, TrainSettings settings)
    {
        int? gpu = settings.Training.Gpu;
        if (gpu is null && choice != BackendChoice.Gpu)
        {
            return BackendSet.Open(choice, settings.Card);
        }

        BackendSet others = choice == BackendChoice.Fpga ? BackendSet.Open(choice, settings.Card) : GpuSelection.Processor();
        return new GpuSelection(gpu ?? 0, gpu is not null).Extend(choice, others);
    }

    private static IProgressDisplay Display(CommandOutput console)
    {
        IAnsiConsole terminal = AnsiConsole.Console;
        bool live = !console.IsJson && !Console.IsOutputRedirected && terminal.Profile.Capabilities is { Interactive: true, Ansi: true };
        return live ? new LiveProgress(terminal) : new PlainProgress(console.Running);
    }
}
