namespace JpegActFpga.Fpga.Buffers;

/// <summary>The buffers of a card at one moment. Immutable.</summary>
/// <param name="BudgetBytes">Most bytes that may be allocated.</param>
/// <param name="AllocatedBytes">Bytes of all buffers: in use, idle and leaked.</param>
/// <param name="PeakBytes">Most bytes allocated at any moment so far.</param>
/// <param name="IdleBytes">Bytes of buffers that wait to be used again.</param>
/// <param name="LeakedBuffers">Buffers given up, because a launch hung: the card may use them for ever.</param>
/// <param name="LeakedBytes">Their bytes.</param>
/// <param name="Waits">How often a launch waited for others to give buffers back.</param>
/// <param name="UserPointerBuffers">Buffers that were made over this program's own pages.</param>
/// <param name="UserPointerRefusal">Why such buffers are not used; null where they are.</param>
public sealed record CardMemoryStatistics(
    long BudgetBytes,
    long AllocatedBytes,
    long PeakBytes,
    long IdleBytes,
    long LeakedBuffers,
    long LeakedBytes,
    long Waits,
    long UserPointerBuffers,
    string? UserPointerRefusal);
