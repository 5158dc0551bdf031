namespace JpegActFpga.Xrt;

/// <summary>Questions about a <see cref="XrtRunState"/>. Pure functions: safe from any thread.</summary>
public static class XrtRunStateExtensions
{
    /// <summary>Tells whether the card is done with the run, well or not.</summary>
    /// <param name="state">A state.</param>
    /// <returns>False for a run that waits, runs, or was never started.</returns>
    public static bool IsFinal(this XrtRunState state) => state switch
    {
        XrtRunState.None or XrtRunState.New or XrtRunState.Queued or XrtRunState.Running or XrtRunState.Submitted => false,
        _ => true,
    };
}
