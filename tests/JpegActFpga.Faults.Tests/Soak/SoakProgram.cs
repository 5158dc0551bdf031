using System.CommandLine;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>The command line of the soak.</summary>
internal static class SoakProgram
{
    internal static int Run(string[] arguments)
    {
        Option<double> minutes = new("--minutes") { Description = "How long, above 0.", DefaultValueFactory = _ => 20 };
        Option<int> seed = new("--seed") { Description = "Seed of the faults.", DefaultValueFactory = _ => 1 };
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 100_000))
            {
                result.AddError("--minutes must be above 0, and at most 100000.");
            }
        });
        RootCommand command = new("Trains a small net on two emulated cards under random faults, again and again: weights bit-equal, resident memory flat, nothing left behind.") { minutes, seed };
        command.SetAction((parsed, token) => new SoakRun(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), Console.Out).RunAsync(token));
        return command.Parse(arguments).Invoke();
    }
}
