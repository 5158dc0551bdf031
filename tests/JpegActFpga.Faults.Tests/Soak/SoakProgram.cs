using System.CommandLine;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>The command line of the soak.</summary>
internal static class SoakProgram
{
    internal static int Run(string[] arguments)
    {
        // As jpegact does. With a heap for each thread, what was freed at a heap's end would stay resident: no trim gives it back.
        NativeMemoryTuning.UseOneHeap();
        Option<double> minutes = new("--minutes") { Description = "How long, above 0.", DefaultValueFactory = _ => 20 };
        Option<int> seed = new("--seed") { Description = "Seed of the faults.", DefaultValueFactory = _ => 1 };
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 100_000))
            {
                result.AddError("--minutes must be above 0, and at most 100000.");
            }
        });
        Option<FileInfo?> samples = new("--samples") { Description = "File that gets each sample of memory, as CSV." };
        RootCommand command = new("Trains a small net on two emulated cards under random faults, again and again: weights bit-equal, resident memory flat, nothing left behind.") { minutes, seed, samples };
        command.SetAction(async (parsed, token) =>
        {
            await using StreamWriter? csv = parsed.GetValue(samples)?.CreateText();
            return await new SoakRun(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), Console.Out, csv).RunAsync(token);
        });
        return command.Parse(arguments).Invoke();
    }
}
