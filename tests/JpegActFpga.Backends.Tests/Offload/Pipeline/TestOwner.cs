using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>Owns a tensor, and counts what it is asked.</summary>
internal sealed class TestOwner : IActivationOwner, IDisposable
{
    private readonly long[] _shape;

    internal TestOwner(int seed, params long[] shape)
    {
        _shape = shape;
        Source = new OwnTensor(shape).Fill(seed);
        Original = Source.Bits();
    }

    public bool IsSourceUnchanged { get; set; } = true;

    internal OwnTensor Source { get; }

    internal byte[] Original { get; }

    internal OwnTensor? Destination { get; private set; }

    internal int Released { get; private set; }

    internal int Created { get; private set; }

    internal int Dropped { get; private set; }

    internal int RefuseDestinations { get; set; }

    internal long StoredBytes { get; private set; }

    internal HashSet<int> Threads { get; } = [];

    public void ReleaseSource()
    {
        Called();
        Released++;

        // Whoever reads it after this gets other numbers.
        Source.Elements.Clear();
    }

    public void Stored(long frameBytes)
    {
        Called();
        StoredBytes = frameBytes;
    }

    public TensorView CreateDestination()
    {
        Called();
        if (RefuseDestinations > 0)
        {
            RefuseDestinations--;
            throw new InvalidOperationException("no room for a tensor");
        }

        Created++;
        Destination = new OwnTensor(_shape);
        return Destination.View;
    }

    public void DropDestination()
    {
        Called();
        Dropped++;
        Destination?.Dispose();
        Destination = null;
    }

    public void Dispose()
    {
        Source.Dispose();
        Destination?.Dispose();
    }

    private void Called() => Threads.Add(Environment.CurrentManagedThreadId);
}
