namespace JpegActFpga.Core.Observability;

/// <summary>What a span of time was spent on. The name in metrics and traces is <see cref="Stages.Name"/>.</summary>
public enum Stage
{
    /// <summary>A whole training run.</summary>
    Run,

    /// <summary>A training step, from loading its batch to the end of its update.</summary>
    Step,

    /// <summary>Making a batch of the data set.</summary>
    Load,

    /// <summary>A forward pass.</summary>
    Forward,

    /// <summary>A backward pass.</summary>
    Backward,

    /// <summary>The optimiser's update.</summary>
    Optimizer,

    /// <summary>Measuring a model on the test images.</summary>
    Evaluate,

    /// <summary>A segment of the model run again in the backward pass, in place of keeping what it saved.</summary>
    Recompute,

    /// <summary>The forward pass giving an activation away: until it may go on.</summary>
    Stash,

    /// <summary>The backward pass asking for an activation: until it has the tensor.</summary>
    Take,

    /// <summary>An activation waiting for a worker, to be compressed or to be expanded ahead. Meters have it, traces do not.</summary>
    Queue,

    /// <summary>Finding scales, and NaN or infinity.</summary>
    Scan,

    /// <summary>Compressing one tensor: the whole call of a backend.</summary>
    Encode,

    /// <summary>Expanding one frame: the whole call of a backend.</summary>
    Decode,

    /// <summary>Bytes on their way to a device.</summary>
    TransferIn,

    /// <summary>Bytes on their way from a device.</summary>
    TransferOut,

    /// <summary>A launch of a kernel on a compute unit, or on a GPU.</summary>
    Kernel,

    /// <summary>Putting a frame into its store.</summary>
    Store,

    /// <summary>Writing a frame to disk.</summary>
    Spill,

    /// <summary>Reading a frame back from disk.</summary>
    Unspill,

    /// <summary>Expanding a frame ahead of the backward pass.</summary>
    Prefetch,

    /// <summary>The reference model making a result again, to compare its bytes.</summary>
    Verify,

    /// <summary>A worker compressing and storing an activation beside the forward pass.</summary>
    Compress,
}

/// <summary>Names of <see cref="Stage"/>s.</summary>
public static class Stages
{
    private static readonly string[] Names =
    [
        "run", "step", "load", "forward", "backward", "optimizer", "evaluate", "recompute", "stash", "take", "queue", "scan", "encode", "decode",
        "transfer-in", "transfer-out", "kernel", "store", "spill", "unspill", "prefetch", "verify", "compress",
    ];

    /// <summary>Gives a stage's name in metrics and traces: lower case, with hyphens.</summary>
    /// <param name="stage">The stage.</param>
    public static string Name(this Stage stage) => Names[(int)stage];
}
