using System.Globalization;
using JpegActFpga.Core.Frames;
using JpegActFpga.Offload;
using JpegActFpga.Training.SavedTensors;

namespace JpegActFpga.Training.Loop;

/// <summary>A step that was repeated from its batch, because an activation of it was lost.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Cause">What was lost, and why.</param>
public sealed record StepRepeat(long Step, string Cause)
{
    /// <summary>Tells whether a hook failed because an activation can't be had back; the batch can.</summary>
    /// <param name="error">The hook's failure.</param>
    internal static bool Mends(Exception? error) => error switch
    {
        FrameLostException or InvalidFrameException => true,
        AggregateException several => several.InnerExceptions.Count > 0 && several.InnerExceptions.All(Mends),
        SavedTensorHookException hook => Mends(hook.InnerException),
        _ => false,
    };
}

/// <summary>A step lost an activation each time it was repeated.</summary>
public sealed class StepRepeatLimitException : Exception
{
    /// <summary>For a step that failed once more than it may be repeated.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="repeats">How often it was repeated.</param>
    /// <param name="last">The last failure.</param>
    public StepRepeatLimitException(long step, int repeats, Exception last)
        : base(string.Create(CultureInfo.InvariantCulture, $"step {step} lost an activation, and again each of the {repeats} times it was repeated from its batch; the last time: {last?.InnerException?.Message ?? last?.Message} Where frames are kept fails steadily: mend it, or keep them elsewhere."), last) =>
        Step = step;

    /// <summary>Gets the step, from 1.</summary>
    public long Step { get; }
}
