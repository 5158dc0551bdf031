using JpegActFpga.Training.Native;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;

// Torch's threads and generator belong to the process, and several tests look at the process's memory.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(TorchFixture))]

namespace JpegActFpga.Training.Tests.Support;

/// <summary>One torch thread: results are the same on every machine, and other work on it disturbs least.</summary>
public sealed class TorchFixture
{
    public TorchFixture()
    {
        TorchRuntime.EnsureLoaded();
        torch.set_num_threads(1);
    }
}
