namespace JpegActFpga.Xrt;

/// <summary>Counts of what is open, to find leaks with. Safe from any thread; each value is exact at some moment of the call.</summary>
public static class XrtDiagnostics
{
    /// <summary>Gets the number of native objects (devices, kernels, buffers, runs) that are open and will be freed.</summary>
    public static int LiveHandles => HandleRegistry.LiveCount;

    /// <summary>Gets the number of native objects given up with <see cref="XrtRun.Abandon"/>: never freed while the process lives.</summary>
    public static int LeakedHandles => HandleRegistry.LeakedCount;

    /// <summary>Gets the number of runs that were disposed of in flight and will be freed when the card is done with them.</summary>
    public static int OrphanedRuns => CompletionPoller.OrphanCount;
}
