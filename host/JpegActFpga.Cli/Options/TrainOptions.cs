using System.CommandLine;
using System.Globalization;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Jobs;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;

namespace JpegActFpga.Cli.Options;

/// <summary>The options of a training job, and reading them.</summary>
internal sealed class TrainOptions
{
    private static readonly TrainingOptions Default = new();

    private readonly Option<string> _model = new("--model") { Description = "The network.", HelpName = string.Join('|', ModelCatalog.Names), DefaultValueFactory = _ => "small-cnn" };
    private readonly Option<string> _data = new("--data") { Description = "The data set, and its folder.", HelpName = "fashion-mnist[:DIR]", DefaultValueFactory = _ => "fashion-mnist" };
    private readonly Option<int> _epochs = Number("--epochs", "Passes over the training images, 1 or more.", Default.Epochs);
    private readonly Option<int> _batch = Number("--batch", "Images a step, 2 or more.", Default.Batch);
    private readonly Option<int> _images = Number("--images", "Training images, the first of the set, 1 or more; 0 for all.", 0);
    private readonly Option<int> _testImages = Number("--test-images", "Test images, the first of the set, 1 or more; 0 for all.", 0);
    private readonly Option<string> _method = new("--method")
    {
        Description = "What happens to activations: torch keeps them, they go through hooks and store as they are, segments are run again in backward, or they are compressed: with the transform, or to 8 bits a value alone (sfpr), or those without the zeros (sfpr-zvc). Several with commas: one run each.",
        HelpName = MethodList.Syntax,
        DefaultValueFactory = _ => "jpeg-act",
    };

    private readonly Option<int?> _segments = Quantities.Count("--segments", "Most segments of --method recompute, 1 or more. [default: as many as the model has]");
    private readonly Option<string> _backend = new("--backend") { Description = "What compresses: the GPU that torch trains on, or else the card where there is one (one that --device, --devices or --xclbin names must be there); the GPU, the card or this processor alone.", HelpName = "auto|gpu|fpga|cpu", DefaultValueFactory = _ => "auto" };
    private readonly TransformOptions _transform = new();
    private readonly Option<string> _sparse = new("--sparse") { Description = "What happens to results of ReLU, pooling and dropout whose values are needed: the transform, or zero-value compression alone as in the paper.", HelpName = "transform|zvc", DefaultValueFactory = _ => "transform" };
    private readonly Option<int> _minElements = Number("--min-elements", "Smallest tensor that is compressed, in elements, 1 or more.", (int)JpegActPolicy.DefaultMinElements);
    private readonly Option<int> _seed = Number("--seed", "Seed of weights, dropout and the order of images.", 1);
    private readonly Option<double> _rate = new("--lr")
    {
        Description = "Learning rate of the first step, above 0; it falls as half a cosine.",
        HelpName = "R",
        DefaultValueFactory = _ => Default.LearningRate,
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                return value;
            }

            result.AddError($"--lr takes a number, not '{result.Tokens[0].Value}'");
            return 0;
        },
    };

    private readonly Option<int> _threads = Number("--threads", "Threads of torch's operators, 1 or more; 0 for its own choice.", 0);
    private readonly Option<int> _stepRepeats = Number("--step-repeats", "How often a step may be repeated from its batch because an activation was lost, 0 .. 100.", Default.StepRepeats);
    private readonly Option<bool> _compare = new("--compare") { Description = "Train without compression first and show both; this is the default." };
    private readonly Option<bool> _noCompare = new("--no-compare") { Description = "Train once, as --method says." };
    private readonly Option<string> _trace = new("--trace") { Description = "Write a trace for ui.perfetto.dev or chrome://tracing: what ran when, on which thread, unit or store; replaced if it exists.", HelpName = "FILE" };
    private readonly Option<bool> _layers = new("--layers") { Description = "Show each layer's activations at the end; in the JSON document they always are." };
    private readonly Option<string> _saveActivations = new("--save-activations") { Description = "With --method none: save the feature maps that autograd keeps in one step, float32 .npy files named after layers.", HelpName = "DIR" };
    private readonly Option<int> _saveStep = Number("--save-step", "The step whose activations are saved, 1 or more; 0 for the last.", 0);
    private readonly CardOptions _card;
    private readonly ComputeOptions _compute;
    private readonly EngineOptions _engine;
    private readonly FailureOptions _failures;

    /// <summary>Initializes a new instance of the <see cref="TrainOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal TrainOptions(Command command)
    {
        _model.AcceptOnlyFromAmong([.. ModelCatalog.Names]);
        _backend.AcceptOnlyFromAmong("auto", "gpu", "fpga", "cpu");
        _sparse.AcceptOnlyFromAmong("transform", "zvc");
        foreach (Option option in new Option[] { _model, _data, _epochs, _batch, _images, _testImages, _method, _segments, _backend })
        {
            command.Add(option);
        }

        _compute = new ComputeOptions(command);
        _card = new CardOptions(command, several: true);
        _transform.AddTo(command);
        foreach (Option option in new Option[] { _sparse, _minElements, _seed, _rate, _threads, _compare, _noCompare, _layers, _trace, _saveActivations, _saveStep })
        {
            command.Add(option);
        }

        _engine = new EngineOptions(command);
        _failures = new FailureOptions(command);
        command.Add(_stepRepeats);
    }

    /// <summary>Reads the settings.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">Options contradict each other, or a value is refused.</exception>
    internal TrainSettings Read(ParseResult parsed)
    {
        IReadOnlyList<OffloadMethod> methods = MethodList.Parse(parsed.GetRequiredValue(_method));
        BackendChoice backend = parsed.GetRequiredValue(_backend) switch
        {
            "gpu" => BackendChoice.Gpu,
            "fpga" => BackendChoice.Fpga,
            "cpu" => BackendChoice.Cpu,
            _ => BackendChoice.Auto,
        };
        RefuseContradictions(parsed, methods, backend);
        if (backend == BackendChoice.Auto && _card.IsNamed(parsed) && _compute.Gpu(parsed) is null)
        {
            backend = BackendChoice.Fpga;
        }

        int seed = parsed.GetRequiredValue(_seed);
        int minElements = parsed.GetRequiredValue(_minElements);
        return new TrainSettings(
            parsed.GetRequiredValue(_model),
            ReadData(parsed),
            ReadTraining(parsed),
            methods,
            _transform.Read(parsed, ScaleMode.PerChannel),
            parsed.GetRequiredValue(_sparse) == "zvc" ? SparseTreatment.ZeroValueOnly : SparseTreatment.Transform,
            minElements >= 1 ? minElements : throw new CliException(ExitCode.Usage, $"--min-elements {minElements} is below 1"),
            backend,
            _card.Read(parsed),
            !parsed.GetValue(_noCompare) && methods[0] != OffloadMethod.None,
            ReadSegments(parsed),
            _engine.Read(parsed, seed),
            _failures.Read(parsed, seed),
            parsed.GetValue(_trace),
            parsed.GetValue(_layers))
        {
            Recording = ReadRecording(parsed, methods),
            GivenForOverlap = _engine.GivenForOverlap(parsed),
        };
    }

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };

    private int ReadSegments(ParseResult parsed) => parsed.GetValue(_segments) switch
    {
        null => int.MaxValue,
        >= 1 and var count => count,
        var count => throw new CliException(ExitCode.Usage, $"--segments {count} is below 1"),
    };

    private void RefuseContradictions(ParseResult parsed, IReadOnlyList<OffloadMethod> methods, BackendChoice backend)
    {
        string name = parsed.GetRequiredValue(_method);
        bool compresses = methods.Any(method => method.Compresses());
        bool stores = methods.Any(method => method.Stores());
        if (parsed.GetValue(_compare) && parsed.GetValue(_noCompare))
        {
            throw new CliException(ExitCode.Usage, "--compare and --no-compare exclude each other");
        }

        if (methods[0] == OffloadMethod.None && parsed.GetValue(_compare))
        {
            throw new CliException(ExitCode.Usage, "--method none compresses nothing to compare with; leave out --compare");
        }

        if (!compresses && backend == BackendChoice.Fpga)
        {
            throw new CliException(ExitCode.Usage, $"--method {name} leaves a card nothing to do; leave out --backend fpga");
        }

        if (!compresses && backend == BackendChoice.Gpu && !(stores && _compute.Gpu(parsed) is not null))
        {
            throw new CliException(ExitCode.Usage, $"--method {name} leaves a GPU's codec nothing to do; leave out --backend gpu");
        }

        RefuseUnless(methods.Contains(OffloadMethod.JpegAct), parsed, name, [_transform.Table, _transform.Rounding, _sparse]);
        RefuseUnless(compresses, parsed, name, [_transform.FullScale, .. _failures.All]);
        RefuseUnless(stores, parsed, name, [_minElements, _stepRepeats, .. _engine.All]);
        RefuseUnless(methods.Contains(OffloadMethod.Recompute), parsed, name, [_segments]);

        if (!compresses && _card.AnyGiven(parsed))
        {
            throw new CliException(ExitCode.Usage, $"{CardOptions.Names} choose a card; --method {name} leaves it nothing to do");
        }

        if (backend is BackendChoice.Cpu or BackendChoice.Gpu && _card.AnyGiven(parsed))
        {
            throw new CliException(ExitCode.Usage, $"{CardOptions.Names} choose a card; leave out --backend {parsed.GetRequiredValue(_backend)}");
        }
    }

    private static void RefuseUnless(bool applies, ParseResult parsed, string method, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            if (!applies && parsed.Given(option))
            {
                throw new CliException(ExitCode.Usage, $"{option.Name} means nothing with --method {method}; leave it out");
            }
        }
    }

    private ActivationRecording? ReadRecording(ParseResult parsed, IReadOnlyList<OffloadMethod> methods)
    {
        int step = parsed.GetRequiredValue(_saveStep);
        if (parsed.GetValue(_saveActivations) is not { Length: > 0 } folder)
        {
            return parsed.Given(_saveStep) ? throw new CliException(ExitCode.Usage, "--save-step means nothing without --save-activations DIR") : null;
        }

        // Hooks take time: they have no place in a run that is compared with another.
        if (methods[0] != OffloadMethod.None)
        {
            throw new CliException(ExitCode.Usage, "--save-activations saves what is not compressed; add --method none");
        }

        return step >= 0 ? new ActivationRecording(folder, step) : throw new CliException(ExitCode.Usage, $"--save-step {step} is below 0");
    }

    private DatasetSource ReadData(ParseResult parsed)
    {
        try
        {
            return DatasetSource.Parse(parsed.GetRequiredValue(_data));
        }
        catch (FormatException error)
        {
            throw new CliException(ExitCode.Usage, $"--data: {error.Message}");
        }
    }

    private TrainingOptions ReadTraining(ParseResult parsed) => new()
    {
        Epochs = parsed.GetRequiredValue(_epochs),
        Batch = parsed.GetRequiredValue(_batch),
        TrainImages = parsed.GetRequiredValue(_images),
        TestImages = parsed.GetRequiredValue(_testImages),
        LearningRate = parsed.GetRequiredValue(_rate),
        Seed = parsed.GetRequiredValue(_seed),
        DataSeed = (ulong)parsed.GetRequiredValue(_seed),
        Threads = parsed.GetRequiredValue(_threads),
        Gpu = _compute.Read(parsed),
        StepRepeats = parsed.GetRequiredValue(_stepRepeats) is >= 0 and <= 100 and var repeats
            ? repeats
            : throw new CliException(ExitCode.Usage, $"--step-repeats {parsed.GetRequiredValue(_stepRepeats)} is out of range; it is 0 .. 100"),
    };
}
