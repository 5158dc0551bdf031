using System.Globalization;

namespace JpegActFpga.Cli.Reports;

/// <summary>What the launches of an emulated card's compute unit took on this processor, and would take on a card by the model.</summary>
/// <param name="Card">Index of the card.</param>
/// <param name="Unit">Name of the compute unit.</param>
/// <param name="Launches">Launches that ended well.</param>
/// <param name="SimulationSeconds">Measured: time of their C simulation on this processor.</param>
/// <param name="Model">What the cycle model says.</param>
internal sealed record KernelTimePart(int Card, string Unit, long Launches, double SimulationSeconds, ModelledTimePart Model)
{
    /// <summary>Gives what was added since an earlier look at the same unit; all of it where the card was loaded anew in between.</summary>
    /// <param name="now">This look.</param>
    /// <param name="before">The earlier one.</param>
    internal static IReadOnlyList<KernelTimePart> Since(IReadOnlyList<KernelTimePart> now, IReadOnlyList<KernelTimePart> before) =>
        [.. now.Select(unit => before.FirstOrDefault(old => old.Card == unit.Card && old.Unit == unit.Unit) is { } old && old.Launches <= unit.Launches ? unit.Minus(old) : unit)];

    /// <summary>Writes a table of the units that launched something; nothing where there is none.</summary>
    /// <param name="units">The units.</param>
    /// <param name="indent">Put before each line.</param>
    /// <param name="writer">Where to.</param>
    internal static void Write(IReadOnlyList<KernelTimePart> units, string indent, TextWriter writer)
    {
        KernelTimePart[] busy = [.. units.Where(unit => unit.Launches > 0)];
        if (busy.Length == 0)
        {
            return;
        }

        writer.WriteLine($"{indent}kernel time of the emulated card: C simulation as measured on this CPU | {ModelledTimePart.Label} (docs/kernels-model.md)");
        var table = new TextTable();
        foreach (KernelTimePart unit in busy)
        {
            string limit = unit.Model.Limit.Length == 0 ? string.Empty : $", rest mostly waits for {unit.Model.Limit}";
            table.Add(
                $"{indent}  card {unit.Card} {unit.Unit}",
                Invariant($"{unit.Launches} launches"),
                Invariant($"{unit.SimulationSeconds:0.000} s"),
                "|",
                Invariant($"MODEL {unit.Model.Seconds:0.0000} s ({unit.Model.FixedSeconds:0.0000} s fixed{limit})"));
        }

        table.Write(writer);
    }

    private KernelTimePart Minus(KernelTimePart old) => this with
    {
        Launches = Launches - old.Launches,
        SimulationSeconds = SimulationSeconds - old.SimulationSeconds,
        Model = Model with
        {
            Launches = Model.Launches - old.Model.Launches,
            Descriptors = Model.Descriptors - old.Model.Descriptors,
            Seconds = Model.Seconds - old.Model.Seconds,
            FixedSeconds = Model.FixedSeconds - old.Model.FixedSeconds,
        },
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What the kernels' cycle model says of launches.</summary>
/// <param name="Launches">Launches that the model knows.</param>
/// <param name="Descriptors">Tensors, or parts of large ones, in them.</param>
/// <param name="Seconds">What they would take on a card.</param>
/// <param name="FixedSeconds">The part of that which does not grow with the data.</param>
/// <param name="Limit">What most of the rest would be spent waiting for, since the card was loaded; empty for nothing.</param>
internal sealed record ModelledTimePart(long Launches, long Descriptors, double Seconds, double FixedSeconds, string Limit)
{
    /// <summary>Stands wherever these figures do.</summary>
    internal const string Label = "MODEL, not measured";

    /// <summary>Gets what these figures are.</summary>
    public string Kind { get; } = Label;
}
