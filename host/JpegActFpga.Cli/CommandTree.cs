using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using JpegActFpga.Cli.Commands;

namespace JpegActFpga.Cli;

/// <summary>The whole command line.</summary>
internal static class CommandTree
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        ["jpegact"] =
        [
            "jpegact doctor                                 is everything here?",
            "jpegact validate                               does the card compute what the reference does?",
            "jpegact train                                  train with activations compressed, and without",
            "jpegact compress act.npy act.jac --table optsL",
        ],
        ["compress"] =
        [
            "jpegact compress act.npy act.jac                                  the authors' high-compression table, optsH",
            "jpegact compress act.npy act.jac --table jpeg80 --rounding truncate",
            "jpegact compress act.npy act.jac --table mine.txt --json          64 shifts 0 .. 7, 8 rows of 8",
            "jpegact compress relu.npy relu.jac --method sfpr-zvc",
        ],
        ["decompress"] = ["jpegact decompress act.jac back.npy", "jpegact decompress act.jac back.npy --force --json"],
        ["devices"] = ["jpegact devices", "jpegact devices --xclbin jpegact.xclbin --json"],
        ["link"] = ["jpegact link", "jpegact link --device 1 --largest 256 --json"],
        ["doctor"] = ["jpegact doctor", "jpegact doctor --json"],
        ["validate"] =
        [
            "jpegact validate --quick",
            "jpegact validate --device 1 --xclbin jpegact.xclbin --seed 7 --blocks 1000000",
        ],
        ["train"] =
        [
            "jpegact train                                              small CNN on Fashion-MNIST, with and without compression",
            "jpegact train --model resnet20 --epochs 1 --images 6400    a larger network",
            "jpegact train --backend cpu --table optsL --json out.json  without a card, less compression, a report in a file",
            "jpegact train --method raw,recompute,jpeg-act --layers     four runs side by side, and each layer's activations",
            "jpegact train --overlap on --prefetch 8 --trace out.trace  what overlaps what, for ui.perfetto.dev",
            "jpegact train --host-memory 64MiB --spill /fast/disk       what has no room in memory goes to disk",
            "jpegact train --devices 0,1 --verify sample:1% --launch-timeout 5s --circuit-break 1min",
        ],
        ["inspect"] = ["jpegact inspect act.jac", "jpegact inspect act.jac --json"],
    };

    /// <summary>Makes the root command.</summary>
    internal static RootCommand Build()
    {
        var root = new RootCommand("Compress CNN activations the JPEG-ACT way, on an FPGA card, a GPU or this processor.")
        {
            CompressCommand.Create(),
            DecompressCommand.Create(),
            InspectCommand.Create(),
            TrainCommand.Create(),
            DevicesCommand.Create(),
            LinkCommand.Create(),
            DoctorCommand.Create(),
            ValidateCommand.Create(),
        };
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard })
            {
                option.Action = new HelpExamples(standard, Examples);
            }
            else if (option is VersionOption)
            {
                option.Action = new ShowVersion();
            }
        }

        return root;
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Version? version = Assembly.GetExecutingAssembly().GetName().Version;
            parseResult.InvocationConfiguration.Output.WriteLine($"jpegact {version?.ToString(3)}");
            return (int)ExitCode.Good;
        }
    }
}
