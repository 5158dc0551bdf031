using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Native;

/// <summary>
/// What a forward pass may draw from, as it was at one time, so that it can draw the same again: the processor's generator,
/// and where the pass computes on a GPU those of all GPUs. Immutable until disposed.
/// </summary>
internal sealed class GeneratorStates : IDisposable
{
    private readonly (TorchGenerator Generator, Tensor State)[] _states;

    /// <summary>Keeps the states of generators.</summary>
    /// <param name="generators">The generators.</param>
    internal GeneratorStates(IEnumerable<TorchGenerator> generators) =>
        _states = [.. generators.Select(generator => (generator, generator.State()))];

    /// <summary>Keeps the states of a pass that begins now.</summary>
    /// <param name="where">Where it computes.</param>
    /// <exception cref="PlatformNotSupportedException">It computes on a GPU, and torch does not give its generators.</exception>
    internal static GeneratorStates Keep(DeviceType where) =>
        new(where == DeviceType.CUDA ? [TorchGenerator.Processor, .. TorchGenerator.Gpus] : [TorchGenerator.Processor]);

    /// <summary>Puts the generators back to where they were.</summary>
    internal void Restore()
    {
        foreach ((TorchGenerator generator, Tensor state) in _states)
        {
            generator.Set(state);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor state) in _states)
        {
            state.Dispose();
        }
    }
}
