using System.CommandLine;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Files;
using JpegActFpga.Cli.Measures;
using JpegActFpga.Cli.Npy;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact compress: a .npy tensor into a frame, with the error that comes of it.</summary>
internal static class CompressCommand
{
    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var input = new Argument<string>("IN.npy") { Description = "A float32 or float16 array in C order, as np.save writes it." };
        var output = new Argument<string>("OUT.jac") { Description = "The frame." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> force = CommonOptions.Force();
        var command = new Command("compress", "Compress a .npy tensor into a JAC1 frame, and say what is lost.") { input, output };
        var profile = new ProfileOptions(command);
        var backend = new BackendOption(command);
        command.Add(force);
        command.Add(json);
        command.SetWork(json, async (parsed, console, cancellationToken) =>
        {
            string from = parsed.GetRequiredValue(input);
            string to = parsed.GetRequiredValue(output);
            CodecProfile asked = profile.Read(parsed);
            OutputFile.Check(to, from, parsed.GetValue(force));
            await using ICodecBackend device = backend.Open(parsed);
            BackendOption.Demand(device, asked.Method);
            CompressReport report = await RunAsync(from, to, parsed.GetValue(force), asked, device, cancellationToken).ConfigureAwait(false);
            console.Write(report, ReportJson.Default.CompressReport);
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task<CompressReport> RunAsync(string from, string to, bool force, CodecProfile asked, ICodecBackend device, CancellationToken cancellationToken)
    {
        using OwnedTensor tensor = Read(from, cancellationToken);
        using NativeBuffer room = HostMemory.Allocate(FrameLayout.MaxFrameBytes(tensor.View.Spec, asked), "the frame");
        CompressResult result = await device.CompressAsync(tensor.View, asked, room.Bytes, cancellationToken).ConfigureAwait(false);
        NativeSpan<byte> bytes = room.Bytes.Slice(0, result.FrameBytes);

        // What is written has passed the reader's checks, and its error is measured on what a reader will get.
        FrameReader frame = FrameReader.Open(bytes);
        ErrorPart? error = result.Method == CodecMethod.Brc
            ? null
            : await MeasureAsync(tensor, frame, device, cancellationToken).ConfigureAwait(false);
        using (OutputFile file = OutputFile.Create(to, from, force))
        {
            file.Write(bytes, cancellationToken);
            file.Commit();
        }

        return new CompressReport(
            from,
            to,
            TensorPart.Of(tensor.View.Spec),
            SettingsPart.Of(asked),
            result.Method.DisplayName(),
            frame.Header.NonFinite,
            result.FrameBytes,
            Numbers.RatioOf(tensor.View.Spec.ByteCount, result.FrameBytes),
            error,
            RanOnPart.Of(device.Capabilities));
    }

    private static OwnedTensor Read(string path, CancellationToken cancellationToken)
    {
        try
        {
            return NpyFile.Read(path, cancellationToken);
        }
        catch (NpyException error)
        {
            throw new CliException(ExitCode.Failed, $"{path} is refused: {error.Message}");
        }
    }

    private static async Task<ErrorPart> MeasureAsync(OwnedTensor tensor, FrameReader frame, ICodecBackend device, CancellationToken cancellationToken)
    {
        using OwnedTensor expanded = OwnedTensor.Create(tensor.View.Spec);
        await device.ExpandAsync(frame, expanded.View, cancellationToken).ConfigureAwait(false);
        return TensorError.Between(tensor.View, expanded.View);
    }
}
