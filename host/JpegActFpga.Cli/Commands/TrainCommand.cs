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
                Files.OutputFile.Probe(file);
            }

            if (settings.Trace is not null)
            {
                Files.OutputFile.Probe(settings.Trace);
            }

            TrainReport report = await RunAsync(settings, console, cancellationToken).ConfigureAwait(false);
            report.WriteText(console.Running);
            console.WriteJson(report, ReportJson.Default.TrainReport, file);
            return report.Trace is { Problem: { } problem } trace
                ? throw new CliException(ExitCode.Failed, $"the trace {trace.File} ended early: {problem}")
                : ExitCode.Good;
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
        catch (Exception error) when (error is TrainingDivergedException or StepRepeatLimitException or SavedTensorHookException or PlatformNotSupportedException or DllNotFoundException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
    }

    private static async Task<TrainReport> RunAsync(TrainSettings settings, ImageDataset train, ImageDataset test, CommandOutput console, CancellationToken cancellationToken)
    {
        string trainedOn = $"{Machine.ProcessorName()}, {Environment.ProcessorCount} logical processors, libtorch {Machine.TorchName()}";
        TrainingOptions training = settings.Training;
        bool stores = settings.Methods.Any(method => method.Stores());

        if (training.Gpu is { } gpu)
        {
            trainedOn = $"{Machine.GpuName(gpu)}, libtorch {Machine.TorchName()}";
        }

        await using BackendSet? backends = settings.Methods.Any(method => method.Compresses()) ? await OpenBackendsAsync(settings.Backend, settings).ConfigureAwait(false) : null;
        var job = new JobPart(settings.Model, settings.Data.ToString(), train.Count, test.Count, training.Epochs, training.Batch, training.LearningRate, (int)training.Seed, training.Threads, settings.Methods.Contains(OffloadMethod.Recompute) ? settings.Segments : null);
        console.Running.WriteLine($"{settings.Model} on {train.Name}, {train.Count} images, {training.Epochs} epochs of batches of {training.Batch}, seed {training.Seed}");
        console.Running.WriteLine($"training runs on {trainedOn}");
        if (backends is not null)
        {
            console.Running.WriteLine($"compression runs on {backends.Description}");
        }

        using TraceOutput? trace = settings.Trace is null ? null : TraceOutput.Create(settings.Trace, job, trainedOn, backends?.Description);
        IReadOnlyList<RunPart> runs = await TrainAsync(settings, train, test, backends, console, cancellationToken).ConfigureAwait(false);
        return new TrainReport(
            job,
            trainedOn,
            backends?.Description,
            runs,
            stores ? EnginePart.Of(settings.Engine) : null,
            stores ? FailuresPart.Of(settings.Resilience, training.StepRepeats) : null,
            backends is { HasCard: true } ? CardsPart.Of(settings.Card) : null,
            trace?.End())
        {
            ShowsLayers = settings.Layers,
            OnGpu = training.Gpu is not null,
        };
    }

    private static async Task<IReadOnlyList<RunPart>> TrainAsync(
        TrainSettings settings, ImageDataset train, ImageDataset test, BackendSet? backends, CommandOutput console, CancellationToken cancellationToken)
    {
        IProgressDisplay display = Display(console);
        var job = new TrainJob(settings, train, test, display, new DiagnosticLogger(display));
        var runs = new List<RunPart>();
        if (settings.Compare || settings.Methods.Contains(OffloadMethod.None))
        {
            runs.Add(job.RunUncompressed(cancellationToken));
        }

        foreach (OffloadMethod method in settings.Methods)
        {
            switch (method)
            {
                case OffloadMethod.Recompute:
                    runs.Add(job.RunRecomputing(cancellationToken));
                    break;
                case OffloadMethod.Raw:
                    // Copies, which no card makes.
                    await using (BackendSet copies = await OpenBackendsAsync(RawChoice(settings), settings).ConfigureAwait(false))
                    {
                        runs.Add(job.RunOffloaded(method, copies, cancellationToken));
                    }

                    break;
                case var compressing when compressing.Compresses():
                    runs.Add(job.RunOffloaded(method, backends!, cancellationToken));
                    break;
            }
        }

        if (settings.Recording is { } recording)
        {
            console.Running.WriteLine($"saved {job.SavedActivations.Count} activations in {recording.Folder}");
        }

        return runs;
    }

    // Where activations lie is where copies of them are made, unless the user wants this processor.
    private static BackendChoice RawChoice(TrainSettings settings) =>
        settings.Training.Gpu is null || settings.Backend == BackendChoice.Cpu ? BackendChoice.Cpu : BackendChoice.Gpu;

    private static async Task<BackendSet> OpenBackendsAsync(BackendChoice choice, TrainSettings settings)
    {
        int? gpu = settings.Training.Gpu;
        if (gpu is null && choice != BackendChoice.Gpu)
        {
            return await BackendSet.OpenAsync(choice, settings.Card).ConfigureAwait(false);
        }

        BackendSet others = await BackendSet.OpenAsync(choice == BackendChoice.Fpga ? choice : BackendChoice.Cpu, settings.Card).ConfigureAwait(false);
        try
        {
            return new GpuSelection(gpu ?? 0, gpu is not null).Extend(choice, others);
        }
        catch
        {
            await others.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static IProgressDisplay Display(CommandOutput console)
    {
        IAnsiConsole terminal = AnsiConsole.Console;
        bool live = !console.IsJson && !Console.IsOutputRedirected && terminal.Profile.Capabilities is { Interactive: true, Ansi: true };
        return live ? new LiveProgress(terminal, console) : new PlainProgress(console.Running, console);
    }
}
