using JpegActFpga.Training.SavedTensors;
using TorchSharp;

namespace JpegActFpga.Faults.Tests.Support;

/// <summary>Where in a training something happens.</summary>
public enum MomentKind
{
    /// <summary>An activation is about to be compressed.</summary>
    Pack,

    /// <summary>An activation is about to be expanded.</summary>
    Unpack,

    /// <summary>A step has ended.</summary>
    StepDone,

    /// <summary>The training has ended; the engine and the cards are about to be closed.</summary>
    AfterTraining,
}

/// <summary>A moment.</summary>
/// <param name="Kind">What is about to happen.</param>
/// <param name="Step">The step, from 1.</param>
/// <param name="Ordinal">Which one of its kind in the step, from 1.</param>
internal readonly record struct Moment(MomentKind Kind, long Step, int Ordinal = 1);

/// <summary>Tells of each moment before it passes it on.</summary>
internal sealed class MomentHooks(ISavedTensorHooks inner, Action<Moment> tell) : ISavedTensorHooks
{
    private long _step = 1;
    private int _packs;
    private int _unpacks;

    public object? Pack(in SavedTensorInfo info, torch.Tensor tensor)
    {
        tell(new Moment(MomentKind.Pack, _step, ++_packs));
        return inner.Pack(info, tensor);
    }

    public torch.Tensor Unpack(object packed)
    {
        tell(new Moment(MomentKind.Unpack, _step, ++_unpacks));
        return inner.Unpack(packed);
    }

    public void Release(object packed) => inner.Release(packed);

    internal void StepDone(long step, long steps)
    {
        tell(new Moment(MomentKind.StepDone, step));
        (_step, _packs, _unpacks) = (Math.Min(step + 1, steps), 0, 0);
    }
}
