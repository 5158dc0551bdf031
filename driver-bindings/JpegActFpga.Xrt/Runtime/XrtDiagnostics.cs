namespace JpegActFpga.Xrt;

/// <summary>Counts of what is open, to find leaks with. Safe from any thread; each value is exact at some moment of the call.</summary>
public static class XrtDiagnostics
{
    private static readonly Lock ReclaimGate = new();

    /// <summary>Gets the number of native objects (devices, kernels, buffers, runs) that are open and will be freed.</summary>
    public static int LiveHandles => HandleRegistry.LiveCount;

    /// <summary>
    /// Gets the number of native objects given up with <see cref="XrtRun.Abandon"/>: not freed while the card may use them,
    /// see <see cref="ReclaimLeaked()"/>.
    /// </summary>
    public static int LeakedHandles => HandleRegistry.LeakedCount;

    /// <summary>Gets the number of runs given up, of <see cref="LeakedHandles"/>.</summary>
    public static int LeakedRuns => HandleRegistry.LeakedRuns().Count;

    /// <summary>Gives the number of runs given up that still occupy units of a card: until its reset, those units do nothing else.</summary>
    /// <param name="deviceIndex">Index of the card.</param>
    public static int HangingRuns(int deviceIndex)
    {
        lock (ReclaimGate)
        {
            return HandleRegistry.LeakedRuns().Count(run => run.HangsOn(deviceIndex));
        }
    }

    /// <summary>
    /// Frees runs that were given up and disposed of, with their buffers, where the card has ended them since: it was reset,
    /// or it was removed and forgot them. Costs a read of a word for each run; freeing may take as long as the driver likes.
    /// </summary>
    /// <returns>The number of runs freed.</returns>
    public static int ReclaimLeaked() => Free(TakeBack(static _ => true));

    /// <summary>As <see cref="ReclaimLeaked()"/>, for one card and within a limit.</summary>
    /// <param name="deviceIndex">Index of the card.</param>
    /// <param name="limit">How long freeing may take; 10 ms .. 1 h.</param>
    /// <returns>The number of runs freed.</returns>
    /// <exception cref="XrtStuckException">The driver has not freed them in time: it is left behind, and the card is not opened before it has. Or so it was with calls before.</exception>
    public static int ReclaimLeaked(int deviceIndex, TimeSpan limit) => ReclaimLeaked(deviceIndex, new CallLimit(limit));

    /// <summary>As <see cref="ReclaimLeaked(int, TimeSpan)"/>, with a limit that is told otherwise.</summary>
    internal static int ReclaimLeaked(int deviceIndex, CallLimit limit)
    {
        StuckCalls.Refuse(deviceIndex);

        // Taken back where they are freed: a call that is refused has taken nothing.
        return LeakedRuns == 0 ? 0 : LimitedCall.Run(deviceIndex, "freeing what had leaked", limit, () => Free(TakeBack(run => run.Card == deviceIndex)));
    }

    /// <summary>Gets the number of devices that nobody uses but that stay open for <see cref="XrtDevice.OpenKept"/>: not more than were in use at once.</summary>
    public static int KeptDevices => Xrt.KeptDevices.Count;

    /// <summary>Gets the number of runs that were disposed of in flight and will be freed when the card is done with them.</summary>
    public static int OrphanedRuns => CompletionPoller.OrphanCount;

    private static List<SafeXrtRunHandle> TakeBack(Func<SafeXrtRunHandle, bool> isMeant)
    {
        lock (ReclaimGate)
        {
            return [.. HandleRegistry.LeakedRuns().Where(run => isMeant(run) && run.TryTakeBack())];
        }
    }

    // Not under the lock: the driver may take its time, or for ever.
    private static int Free(List<SafeXrtRunHandle> runs)
    {
        runs.ForEach(static run => run.FreeTakenBack());
        return runs.Count;
    }
}
