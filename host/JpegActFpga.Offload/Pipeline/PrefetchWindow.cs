namespace JpegActFpga.Offload.Pipeline;

/// <summary>
/// How many activations are expanded ahead of need. Adapts, unless it is set: wider by one each time that backward had to
/// wait for an expansion, narrower by one when expansions lay ready for long, many times in a row. Not synchronised.
/// </summary>
/// <param name="set">The width, or null to adapt.</param>
internal sealed class PrefetchWindow(int? set)
{
    private const int First = 2;
    private const int Widest = 32;
    private const int EarlyInARow = 16;
    private const int IdleOverWork = 4;

    private int _early;
    private double _meanTicks;

    /// <summary>Gets the width.</summary>
    internal int Size { get; private set; } = set ?? First;

    /// <summary>An expansion took so long.</summary>
    /// <param name="ticks">Ticks of the stopwatch.</param>
    internal void Expanded(long ticks) => _meanTicks += (ticks - _meanTicks) / 16;

    /// <summary>Backward wanted an activation that was not ready.</summary>
    internal void WasLate()
    {
        _early = 0;
        Size = set ?? Math.Min(Size + 1, Widest);
    }

    /// <summary>Backward wanted an activation that was ready.</summary>
    /// <param name="idleTicks">How long it had been.</param>
    internal void WasReady(long idleTicks)
    {
        _early = idleTicks > IdleOverWork * _meanTicks ? _early + 1 : 0;
        if (_early == EarlyInARow)
        {
            _early = 0;
            Size = set ?? Math.Max(Size - 1, 1);
        }
    }
}
