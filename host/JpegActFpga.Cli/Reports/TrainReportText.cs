using System.Globalization;

namespace JpegActFpga.Cli.Reports;

/// <summary>The text of a <see cref="TrainReport"/>.</summary>
internal static class TrainReportText
{
    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="writer">Where to.</param>
    internal static void Write(TrainReport report, TextWriter writer)
    {
        writer.WriteLine();
        WriteRuns(report.Runs, report.OnGpu, writer);
        writer.WriteLine();
        writer.WriteLine($"training ran on     {report.TrainedOn}");
        if (report.Codec is not null)
        {
            writer.WriteLine($"compression asked   {report.Codec}");
        }

        foreach (RunPart run in report.Runs.Where(run => run.Work.Count > 0 || run.SavedTensors.Count > 0))
        {
            WriteWork(run, writer);
            if (report.ShowsLayers && run.Layers.Count > 0)
            {
                WriteLayers(run, writer);
            }
        }

        if (report.Trace is { } trace)
        {
            writer.WriteLine();
            writer.WriteLine(trace.Problem is { } problem
                ? $"the trace {trace.File} ended early: {problem}"
                : Invariant($"trace of {trace.Events:N0} stages in {trace.File}: open it at ui.perfetto.dev or chrome://tracing"));
        }
    }

    private static void WriteRuns(IReadOnlyList<RunPart> runs, bool onGpu, TextWriter writer)
    {
        var table = new TextTable();
        void Row(string label, Func<RunPart, string> cell) => table.Add([label, .. runs.Select(cell)]);
        Row("measured", run => run.Name);
        Row("test accuracy", run => Percent(run.TestAccuracy));
        Row("test loss", run => Invariant($"{run.TestLoss:0.0000}"));
        Row("final training loss", run => Invariant($"{run.FinalLoss:0.0000}"));
        Row(onGpu ? "held in host memory" : "held for backward", run => Numbers.MiB(run.HeldForBackwardBytes));
        Row("compression ratio", run => run.CompressionRatio is { } ratio ? Numbers.Ratio(ratio) : "-");
        Row("resident at start", run => Numbers.MiB(run.StartResidentBytes));
        Row("resident, peak", run => $"{Numbers.MiB(run.PeakResidentBytes)}{(run.PeakResidentIsExact ? string.Empty : " (sampled)")}");
        Row("training time", run => Invariant($"{run.TrainSeconds:0.0} s"));
        Row("images/s", run => Invariant($"{run.ImagesPerSecond:0}"));
        Row("steps", run => Invariant($"{run.Steps}"));
        table.Write(writer);
        foreach (RunPart run in runs.Skip(1).Where(run => onGpu || run.HeldForBackwardBytes > 0))
        {
            RunPart first = runs[0];
            string held = onGpu ? $"{run.Name} beside {first.Name}:" : Invariant($"{run.Name} holds {(double)first.HeldForBackwardBytes / run.HeldForBackwardBytes:0.00} times less for backward than {first.Name},");
            writer.WriteLine(Invariant($"{held} test accuracy {100 * (run.TestAccuracy - first.TestAccuracy):+0.00;-0.00;0.00} points, training time {run.TrainSeconds / first.TrainSeconds:0.00} times"));
        }
    }

    private static void WriteWork(RunPart run, TextWriter writer)
    {
        writer.WriteLine();
        if (run.Recompute is { } again)
        {
            writer.WriteLine(Invariant($"{run.Name}: {again.Segments} segments, run again {again.Reruns} times in {again.Seconds:0.0} s"));
        }
        else
        {
            WriteBackends(run, writer);
        }

        writer.WriteLine($"{run.Name}: what became of the tensors that autograd saved");
        var table = new TextTable();
        foreach (SavedPart saved in run.SavedTensors)
        {
            table.Add($"  {saved.Treatment}", $"{saved.Saves} saves", Numbers.MiB(saved.Bytes), "->", Numbers.MiB(saved.HeldBytes));
        }

        table.Write(writer);
    }

    private static void WriteBackends(RunPart run, TextWriter writer)
    {
        writer.WriteLine($"{run.Name}: what ran where{(run.Settings is null ? string.Empty : $", {run.Settings}")}");
        foreach (WorkPart work in run.Work)
        {
            writer.WriteLine(Invariant($"  {work.Backend,-5}{work.Method,-10}{work.Tensors,8} tensors  {Numbers.MiB(work.TensorBytes)} -> {Numbers.MiB(work.FrameBytes)}  ratio {work.Ratio:0.00}  compress {work.CompressGigabytesPerSecond:0.000} GB/s ({work.CompressSeconds:0.0} s)  {work.Expansions} expanded in {work.ExpandSeconds:0.0} s  on {work.Device}"));
        }

        if (run.Pipeline is not null)
        {
            writer.WriteLine($"  {run.Pipeline}");
            if (run.Pipeline.Workers > 0)
            {
                writer.WriteLine("  held for backward is what the end of the forward pass found: with overlap, activations still waiting to be compressed are in it");
            }
        }

        if (run.Fallbacks.Count == 0)
        {
            writer.WriteLine("  fallbacks: none");
        }

        foreach (FallbackPart fallback in run.Fallbacks)
        {
            writer.WriteLine($"  fallback {fallback.From} -> {fallback.To}, {fallback.Count} times: {fallback.Cause}");
        }

        foreach (EventPart decision in run.Events)
        {
            writer.WriteLine($"  {decision.Event}, {decision.Backend}: {decision.Count} times");
        }

        if (run.Leaked is { Buffers: > 0 } or { StuckCalls: > 0 })
        {
            writer.WriteLine($"  leaked: {run.Leaked.Buffers} buffers, {Numbers.MiB(run.Leaked.Bytes)}, which a device may still use; {run.Leaked.StuckCalls} calls into its driver have not returned");
        }

        foreach (IGrouping<string, RepeatPart> repeats in run.Repeats.GroupBy(repeat => repeat.Cause))
        {
            writer.WriteLine(Invariant($"  steps repeated from their batch: {repeats.Count()} (the first: {repeats.First().Step}): {repeats.Key}"));
        }

        KernelTimePart.Write(run.KernelTimes, "  ", writer);
        if (run.Retries > 0 || run.NonFiniteTensors > 0)
        {
            writer.WriteLine($"  {run.Retries} retries, {run.NonFiniteTensors} tensors kept raw because of a NaN or an infinity");
        }
    }

    private static void WriteLayers(RunPart run, TextWriter writer)
    {
        writer.WriteLine($"{run.Name}: by layer that saved, and operation that made");
        var table = new TextTable();
        table.Add("  layer", "made by", "treatment", "saves", "bytes", "held", "ratio", "compress", "expand");
        foreach (LayerPart layer in run.Layers.Where(layer => !layer.IsKept))
        {
            table.Add(
                $"  {(layer.Layer.Length == 0 ? "(model)" : layer.Layer)}",
                layer.Node ?? "-",
                layer.Treatment,
                Invariant($"{layer.Saves}"),
                Numbers.MiB(layer.Bytes),
                Numbers.MiB(layer.HeldBytes),
                layer.Ratio is { } ratio ? Numbers.Ratio(ratio) : "-",
                Seconds(layer.CompressSeconds),
                Seconds(layer.ExpandSeconds));
        }

        table.Write(writer);
    }

    private static string Seconds(double seconds) => seconds == 0 ? "-" : Invariant($"{seconds:0.000} s");

    private static string Percent(double share) => Invariant($"{100 * share:0.00} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
