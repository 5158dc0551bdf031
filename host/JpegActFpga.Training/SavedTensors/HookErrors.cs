namespace JpegActFpga.Training.SavedTensors;

/// <summary>A hook threw. The inner exception is the hook's own.</summary>
public sealed class SavedTensorHookException : Exception
{
    /// <summary>For a failure of <paramref name="hook"/> (Pack, Unpack or Release) with <paramref name="error"/>.</summary>
    public SavedTensorHookException(string hook, Exception error)
        : base($"the saved-tensor hook {hook} failed: {error?.Message}", error) => Hook = hook;

    /// <summary>Pack, Unpack or Release.</summary>
    public string Hook { get; }
}

/// <summary>Keeps the first error of one set of hooks until it is asked for. Safe for use from several threads.</summary>
internal sealed class HookErrors
{
    private Failure? _first;

    public void Put(string hook, Exception error) =>
        Interlocked.CompareExchange(ref _first, new Failure(hook, error), null);

    public Failure? Take() => Interlocked.Exchange(ref _first, null);

    internal sealed record Failure(string Hook, Exception Error);
}
