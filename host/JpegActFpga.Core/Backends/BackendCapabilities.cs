using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Core.Backends;

/// <summary>What a backend can do.</summary>
/// <param name="Name">Short name, as the command line spells it: cpu, fpga.</param>
/// <param name="Device">What it runs on, in words for reports; says so where the device is emulated.</param>
/// <param name="Methods">Methods that run on the device.</param>
/// <param name="Memory">Kinds of memory it reads tensors from and writes them to.</param>
/// <param name="MaxInFlight">Calls that make progress at once.</param>
public sealed record BackendCapabilities(string Name, string Device, IReadOnlySet<CodecMethod> Methods, MemoryKind Memory, int MaxInFlight)
{
    /// <summary>
    /// Gets a value indicating whether its calls compute on the host's processor. Where they do not, a thread that calls it
    /// mostly waits, and work beside it is for nothing.
    /// </summary>
    public bool UsesHostProcessor { get; init; }

    /// <summary>
    /// Gets a value indicating whether it checks the tiles of a frame while it expands them, which is then best opened without
    /// (<see cref="Frames.FrameReader.Reopen"/>). Others check all tiles first where nobody has.
    /// </summary>
    public bool ChecksTiles { get; init; }

    /// <summary>Checks that a call's arguments suit the backend.</summary>
    /// <param name="method">The method asked for.</param>
    /// <param name="memory">Where the tensor lies.</param>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Demand(CodecMethod method, MemoryKind memory)
    {
        if (!Methods.Contains(method))
        {
            throw new ArgumentException($"Backend {Name} has no method {method.DisplayName()}; it has {string.Join(", ", Methods.Order().Select(m => m.DisplayName()))}.", nameof(method));
        }

        if ((memory & Memory) == 0)
        {
            throw new ArgumentException($"Backend {Name} does not reach tensors in memory {memory}; it reaches {Memory}.", nameof(memory));
        }
    }
}
