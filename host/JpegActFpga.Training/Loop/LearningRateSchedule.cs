namespace JpegActFpga.Training.Loop;

/// <summary>How the learning rate changes from the first step to the last.</summary>
public enum LearningRateSchedule
{
    /// <summary>It does not.</summary>
    Constant,

    /// <summary>Half a cosine from the given rate to 0.</summary>
    Cosine,

    /// <summary>A tenth after half of the steps, a hundredth after three quarters.</summary>
    Steps,
}

/// <summary>Learning rates of a <see cref="LearningRateSchedule"/>.</summary>
public static class LearningRateSchedules
{
    /// <summary>The rate of step <paramref name="step"/>, 0 to <paramref name="steps"/> - 1.</summary>
    public static double RateAt(this LearningRateSchedule schedule, double initial, long step, long steps) => schedule switch
    {
        LearningRateSchedule.Constant => initial,
        LearningRateSchedule.Cosine => initial * 0.5 * (1 + Math.Cos(Math.PI * step / steps)),
        LearningRateSchedule.Steps => initial * (4 * step >= 3 * steps ? 0.01 : 2 * step >= steps ? 0.1 : 1),
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, "not a schedule"),
    };
}
