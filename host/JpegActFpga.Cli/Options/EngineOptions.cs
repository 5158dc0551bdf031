using System.CommandLine;
using JpegActFpga.Offload;

namespace JpegActFpga.Cli.Options;

/// <summary>The options of the offload engine, and reading them.</summary>
internal sealed class EngineOptions
{
    private const string Automatic = "auto";

    private readonly Option<string> _overlap = new("--overlap")
    {
        Description = "Whether compression overlaps the training: on a device that the host waits for, yes, no.",
        HelpName = "auto|on|off",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _workers = CountOrAuto("--workers", "Threads of the engine, 0 .. 64; auto: as the first backend needs.");
    private readonly Option<string> _prefetch = CountOrAuto("--prefetch", "Activations that backward expands ahead of need, 0 .. 1024; auto: adapts to measured times.");
    private readonly Option<int?> _pending = Quantities.Count("--pending", "Most activations that wait to be compressed, 1 .. 65536; beyond them the training thread compresses itself. [default: 32]");
    private readonly Option<long?> _pendingMemory = Quantities.Size("--pending-memory", "Most bytes of those activations. [default: 16MiB, or two of them where that is more]");
    private readonly Option<long?> _hostMemory = Quantities.Size("--host-memory", "Bound of host memory for frames, waiting activations and prefetched tensors, 1MiB or more; what has no room goes to the spill file. [default: none]");
    private readonly Option<string> _spill = new("--spill") { Description = "Folder of the spill file. [default: the system's temporary folder]", HelpName = "DIR" };
    private readonly Option<TimeSpan?> _wait = Quantities.Time("--wait-limit", "How long a call waits for room or another's result before it fails, 1s .. 1h. [default: 5min]");
    private readonly Option<string> _verify = new("--verify")
    {
        Description = "What the reference model makes again and compares byte by byte: nothing, a share of the calls, each.",
        HelpName = "off|sample:P|all",
        DefaultValueFactory = _ => "off",
    };

    private readonly Option[] _onlyWithOverlap;
    private readonly RangeErrors _ranges;

    /// <summary>Initializes a new instance of the <see cref="EngineOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal EngineOptions(Command command)
    {
        _overlap.AcceptOnlyFromAmong("auto", "on", "off");
        _onlyWithOverlap = [_workers, _prefetch, _pending, _pendingMemory];
        All = [_overlap, _workers, _prefetch, _pending, _pendingMemory, _hostMemory, _spill, _wait, _verify];
        foreach (Option option in All)
        {
            command.Add(option);
        }

        _ranges = new RangeErrors(new Dictionary<string, Option>
        {
            [nameof(OffloadEngineOptions.Workers)] = _workers,
            [nameof(OffloadEngineOptions.Prefetch)] = _prefetch,
            [nameof(OffloadEngineOptions.MaxPendingCount)] = _pending,
            [nameof(OffloadEngineOptions.MaxPendingBytes)] = _pendingMemory,
            [nameof(OffloadEngineOptions.HostMemoryBytes)] = _hostMemory,
            [nameof(OffloadEngineOptions.SpillDirectory)] = _spill,
            [nameof(OffloadEngineOptions.WaitLimit)] = _wait,
            [nameof(OffloadEngineOptions.VerifyShare)] = _verify,
        });
    }

    /// <summary>Gets the options.</summary>
    internal IReadOnlyList<Option> All { get; }

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">Chooses the calls that are verified.</param>
    /// <exception cref="CliException">A value is refused.</exception>
    internal OffloadEngineOptions Read(ParseResult parsed, int seed)
    {
        var usual = new OffloadEngineOptions();
        (VerifyMode verify, double? share) = ReadVerify(parsed.GetRequiredValue(_verify));
        string? spill = parsed.GetValue(_spill);
        if (spill is not null && !Directory.Exists(spill))
        {
            throw new CliException(ExitCode.Usage, $"--spill: there is no directory {spill}");
        }

        if (spill is not null && parsed.GetValue(_hostMemory) is null)
        {
            throw new CliException(ExitCode.Usage, "--spill means nothing without --host-memory BYTES: there is room for every frame");
        }

        string overlap = parsed.GetRequiredValue(_overlap);
        if (overlap == "off" && GivenForOverlap(parsed) is [var useless, ..])
        {
            throw new CliException(ExitCode.Usage, $"{useless} means nothing with --overlap off; leave it out, or say --overlap on");
        }

        var options = usual with
        {
            Overlap = overlap switch
            {
                "on" => OverlapMode.On,
                "off" => OverlapMode.Off,
                _ => OverlapMode.Auto,
            },
            Workers = ReadCount(parsed, _workers) ?? 0,
            Prefetch = ReadCount(parsed, _prefetch),
            MaxPendingCount = parsed.GetValue(_pending) ?? usual.MaxPendingCount,
            MaxPendingBytes = parsed.GetValue(_pendingMemory) ?? usual.MaxPendingBytes,
            HostMemoryBytes = parsed.GetValue(_hostMemory),
            SpillDirectory = spill,
            WaitLimit = parsed.GetValue(_wait) ?? usual.WaitLimit,
            Verify = verify,
            VerifyShare = share ?? usual.VerifyShare,
            VerifySeed = (ulong)seed,
        };
        _ranges.Check(parsed, options.Validate);
        return options;
    }

    /// <summary>Gives the names of the options that the user gave and that need overlap: nothing comes of them where there is none.</summary>
    /// <param name="parsed">The command line.</param>
    internal IReadOnlyList<string> GivenForOverlap(ParseResult parsed) =>
        [.. _onlyWithOverlap.Where(option => parsed.Given(option) && parsed.GetResult(option) is { Tokens: not [{ Value: Automatic }] }).Select(option => option.Name)];

    private static Option<string> CountOrAuto(string name, string description) => new(name) { Description = description, HelpName = "auto|N", DefaultValueFactory = _ => Automatic };

    private static int? ReadCount(ParseResult parsed, Option<string> option)
    {
        string text = parsed.GetRequiredValue(option);
        return text == Automatic
            ? null
            : int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int count)
                ? count
                : throw new CliException(ExitCode.Usage, $"{option.Name} takes auto or a whole number, not '{text}'");
    }

    private static (VerifyMode Mode, double? Share) ReadVerify(string text)
    {
        const string sample = "sample:";
        double share = 0;
        return text switch
        {
            "off" => (VerifyMode.Off, null),
            "all" => (VerifyMode.All, null),
            "sample" => (VerifyMode.Sample, null),
            _ when text.StartsWith(sample, StringComparison.Ordinal) && Quantities.TryShare(text[sample.Length..], out share) => (VerifyMode.Sample, share),
            _ => throw new CliException(ExitCode.Usage, $"--verify takes off, sample:P with a share such as 0.01 or 1%, or all, not '{text}'"),
        };
    }
}
