using System.CommandLine;
using JpegActFpga.Cli.Files;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact inspect: what a frame holds, and whether a reader accepts it.</summary>
internal static class InspectCommand
{
    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var input = new Argument<string>("FILE.jac") { Description = "A JAC1 frame." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("inspect", "Check a JAC1 frame from end to end and show what it holds.") { input, json };
        command.SetWork(json, (parsed, console, cancellationToken) =>
        {
            InspectReport report = Inspect(parsed.GetRequiredValue(input), cancellationToken);
            console.Write(report, ReportJson.Default.InspectReport);
            return Task.FromResult(report.Frame is null ? ExitCode.Failed : ExitCode.Good);
        });
        return command;
    }

    private static InspectReport Inspect(string path, CancellationToken cancellationToken)
    {
        using NativeBuffer bytes = InputFile.ReadWhole(path, cancellationToken);
        try
        {
            return new InspectReport(path, bytes.ByteLength, InspectReport.Valid, null, Describe(FrameReader.Open(bytes.Bytes), bytes.ByteLength));
        }
        catch (InvalidFrameException error)
        {
            return new InspectReport(path, bytes.ByteLength, InspectReport.Refused, ErrorText.OneLine(error.Message), null);
        }
    }

    private static FramePart Describe(FrameReader frame, long frameBytes)
    {
        FrameHeader header = frame.Header;
        FrameLayout layout = frame.Layout;
        return new FramePart(
            FrameHeader.Version,
            TensorPart.Of(header.Spec),
            SettingsPart.Of(header),
            header.Method == CodecMethod.JpegAct ? Rows(header.Shifts) : null,
            header.NonNegative,
            header.NonFinite,
            layout.Geometry.Blocks,
            layout.Geometry.Tiles,
            layout.ScaleCount,
            Numbers.RatioOf(header.Spec.ByteCount, frameBytes),
            [
                new("header", 0, FrameHeader.FixedBytes),
                new("shape", layout.ShapeOffset, sizeof(ulong) * (long)header.Spec.Shape.Rank),
                new("scales", layout.ScalesOffset, sizeof(float) * layout.ScaleCount),
                new("tile offsets", layout.TileOffsetsOffset, sizeof(ulong) * (layout.Geometry.Tiles + 1)),
                new("tile checksums", layout.TileChecksumsOffset, sizeof(uint) * layout.Geometry.Tiles),
                new("masks", layout.MasksOffset, layout.MaskBytes),
                new("values", layout.ValuesOffset, header.ValueBytes),
            ]);
    }

    private static int[][] Rows(ShiftTable shifts) =>
        [.. Enumerable.Range(0, 8).Select(v => Enumerable.Range(0, 8).Select(u => shifts[v, u]).ToArray())];
}
