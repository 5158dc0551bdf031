using System.CommandLine;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Files;
using JpegActFpga.Cli.Npy;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact decompress: a frame into a .npy tensor.</summary>
internal static class DecompressCommand
{
    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var input = new Argument<string>("IN.jac") { Description = "A JAC1 frame." };
        var output = new Argument<string>("OUT.npy") { Description = "The tensor, as np.load reads it." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> force = CommonOptions.Force();
        var command = new Command("decompress", "Expand a JAC1 frame into a .npy tensor; bfloat16 is written as float32.") { input, output };
        var backend = new BackendOption(command);
        command.Add(force);
        command.Add(json);
        command.SetWork(json, async (parsed, console, cancellationToken) =>
        {
            string from = parsed.GetRequiredValue(input);
            string to = parsed.GetRequiredValue(output);
            OutputFile.Check(to, from, parsed.GetValue(force));
            await using ICodecBackend device = backend.Open(parsed);
            DecompressReport report = await RunAsync(from, to, parsed.GetValue(force), device, cancellationToken).ConfigureAwait(false);
            console.Write(report, ReportJson.Default.DecompressReport);
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task<DecompressReport> RunAsync(string from, string to, bool force, ICodecBackend device, CancellationToken cancellationToken)
    {
        using NativeBuffer bytes = InputFile.ReadWhole(from, cancellationToken);
        FrameReader frame = Open(from, bytes);
        BackendOption.Demand(device, frame.Header.Method);
        TensorSpec spec = frame.Header.Spec;
        using OwnedTensor tensor = OwnedTensor.Create(spec);
        await device.ExpandAsync(frame, tensor.View, cancellationToken).ConfigureAwait(false);
        using (OutputFile file = OutputFile.Create(to, from, force))
        {
            if (spec.ElementType == ElementType.BFloat16)
            {
                NpyFile.WriteWidened(file, tensor.View, cancellationToken);
            }
            else
            {
                NpyFile.Write(file, tensor.View, cancellationToken);
            }

            file.Commit();
        }

        ElementType written = spec.ElementType == ElementType.BFloat16 ? ElementType.Float32 : spec.ElementType;
        return new DecompressReport(
            from,
            to,
            TensorPart.Of(spec),
            written.DisplayName(),
            SettingsPart.Of(frame.Header),
            bytes.ByteLength,
            RanOnPart.Of(device.Capabilities));
    }

    private static FrameReader Open(string path, NativeBuffer bytes)
    {
        try
        {
            return FrameReader.Open(bytes.Bytes);
        }
        catch (InvalidFrameException error)
        {
            throw new CliException(ExitCode.Failed, $"{path} is refused: {error.Message}");
        }
    }
}
