namespace JpegActFpga.Xrt;

/// <summary>A run ended in another state than <see cref="XrtRunState.Completed"/>: nothing that it wrote may be used. Immutable.</summary>
public sealed class XrtRunException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kernel">Name of the kernel.</param>
    /// <param name="state">State of the run; not final where the wait timed out.</param>
    public XrtRunException(string kernel, XrtRunState state)
        : base(Describe(kernel, state))
    {
        Kernel = kernel;
        State = state;
    }

    /// <summary>Gets the name of the kernel.</summary>
    public string Kernel { get; }

    /// <summary>Gets the state of the run; not final where the wait timed out.</summary>
    public XrtRunState State { get; }

    /// <summary>Gets a value indicating whether the wait ended before the run: it may still write to its buffers.</summary>
    public bool IsTimeout => !State.IsFinal();

    private static string Describe(string kernel, XrtRunState state) => state.IsFinal()
        ? $"A run of {kernel} ended in state {state}; its results are not valid. Look at dmesg and the card's state (xbutil examine)."
        : $"A run of {kernel} did not finish in time (state {state}). Wait longer, or call Abandon and use another compute unit; a reset (xbutil reset) frees the card.";
}
