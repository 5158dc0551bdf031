using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga;

/// <summary>How a card is used. Checked when a backend is opened.</summary>
public sealed record FpgaOptions
{
    /// <summary>Least <see cref="DeviceMemoryBytes"/>: 1 MiB.</summary>
    public const long MinDeviceMemoryBytes = 1 << 20;

    /// <summary>Gets the path of the xclbin; its manifest lies beside it.</summary>
    public required string XclbinPath { get; init; }

    /// <summary>Gets the index of the card, as XRT counts; default 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Gets the most blocks of a launch: a multiple of 64 up to 2^20; default 16384, 4 MiB of float32. Less where <see cref="DeviceMemoryBytes"/> is small.</summary>
    public int LaunchBlocks { get; init; } = 16384;

    /// <summary>Gets the most tensors, or parts of large ones, that share a launch where they wait for one anyway; 1 .. 4096, default 64. Less where <see cref="DeviceMemoryBytes"/> is small.</summary>
    public int LaunchParts { get; init; } = 64;

    /// <summary>Gets how many launches a compute unit is given at once, so that transfers of some overlap with another's run; 1 .. 8, default 3.</summary>
    public int LaunchesInFlight { get; init; } = 3;

    /// <summary>Gets how long a launch may take before its compute unit counts as hung; 10 ms .. 10 min, default 20 s.</summary>
    /// <remarks>A card needs a millisecond; the default leaves room for an emulated card on a loaded machine.</remarks>
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Gets how long a call into the driver (a transfer, an allocation, a submission) may take before it is left behind, with
    /// its thread and its buffers, and the card is out of service until it returns; 10 ms .. 10 min, default 30 s.
    /// </summary>
    public TimeSpan DriverTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long opening a card and loading its xclbin may take; 10 ms .. 10 min, default 2 min.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets the most bytes of buffers on the card: in use, kept for later launches, and leaked; 1 MiB up, default 1 GiB.</summary>
    public long DeviceMemoryBytes { get; init; } = 1L << 30;

    /// <summary>Gets how long a launch waits for buffers when <see cref="DeviceMemoryBytes"/> is used up; 10 ms .. 10 min, default 20 s.</summary>
    public TimeSpan MemoryPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets a value indicating whether buffers are made over this program's own pages where XRT takes them; default true.</summary>
    public bool UserPointers { get; init; } = true;

    /// <summary>
    /// Gets a value indicating whether the card finds the scales of tensors that fit a launch; default false: the host does.
    /// The card reads each tensor twice then, and the host once less.
    /// </summary>
    public bool ScalesOnCard { get; init; }

    /// <summary>
    /// Gets a value indicating whether the host scales and rounds to eight bits, and back; default false: the card does. A
    /// quarter of the bytes of float32 cross the link then. Not together with <see cref="ScalesOnCard"/>.
    /// </summary>
    public bool QuantiseOnHost { get; init; }

    /// <summary>Gets the blocks of a launch, so few that one always fits the card's memory budget.</summary>
    internal int EffectiveLaunchBlocks
    {
        get
        {
            // Blocks, masks, values and, at worst, a scale an element; half as much again for sizes that pooled buffers have.
            const int WorstBytesPerBlock = (256 + sizeof(ulong) + BlockGeometry.BlockValues + 256) * 3 / 2;
            long fitting = DeviceMemoryBytes / 2 / WorstBytesPerBlock / BlockGeometry.TileBlocks * BlockGeometry.TileBlocks;
            return (int)Math.Min(LaunchBlocks, Math.Max(BlockGeometry.TileBlocks, fitting));
        }
    }

    /// <summary>Gets the parts of a launch, so few that what each takes beside its blocks always fits the card's memory budget.</summary>
    internal int EffectiveLaunchParts
    {
        get
        {
            // Descriptor, result, and a word that is begun in each place that a part has; twice that for sizes that pooled buffers have.
            const int WorstBytesPerPart = (KernelInterface.DescriptorBytes + LaunchResult.Bytes + (8 * KernelInterface.WordBytes)) * 2;
            return (int)Math.Clamp(DeviceMemoryBytes / 4 / WorstBytesPerPart, 1, LaunchParts);
        }
    }

    /// <summary>Gets what is asked at each wait in place of <see cref="LaunchTimeout"/>; null for nothing. For tests of units that hang, which want all others to have all the time there is.</summary>
    internal Func<TimeSpan>? LaunchTimeoutNow { get; init; }

    /// <summary>Gets what is asked of a call into the driver, by its thread's managed id, in place of <see cref="DriverTimeout"/> and <see cref="OpenTimeout"/>; null for nothing. For tests that hold a call, and want all others to have all the time there is.</summary>
    internal Func<int, bool>? CallIsOverdue { get; init; }

    /// <summary>Gets the limit of calls into the driver.</summary>
    internal CallLimit DriverLimit => new(DriverTimeout, CallIsOverdue);

    /// <summary>Gets the limit of opening and loading.</summary>
    internal CallLimit OpenLimit => new(OpenTimeout, CallIsOverdue);

    /// <summary>Gets how long a part of a tensor waits for the values of the part before it: longer than that one can take.</summary>
    internal TimeSpan PartPatience => (LaunchTimeout * (LaunchesInFlight + 1)) + MemoryPatience + DriverTimeout;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">Two options exclude each other.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceIndex);
        Demand(LaunchBlocks is >= BlockGeometry.TileBlocks and <= 1 << 20 && LaunchBlocks % BlockGeometry.TileBlocks == 0, nameof(LaunchBlocks), LaunchBlocks, "a multiple of 64, 64 .. 1048576");
        Demand(LaunchParts is >= 1 and <= KernelInterface.MaxDescriptorCount, nameof(LaunchParts), LaunchParts, "1 .. 4096");
        Demand(LaunchesInFlight is >= 1 and <= 8, nameof(LaunchesInFlight), LaunchesInFlight, "1 .. 8");
        Demand(IsPatience(LaunchTimeout), nameof(LaunchTimeout), LaunchTimeout, "10 ms .. 10 min");
        Demand(IsPatience(DriverTimeout), nameof(DriverTimeout), DriverTimeout, "10 ms .. 10 min");
        Demand(IsPatience(OpenTimeout), nameof(OpenTimeout), OpenTimeout, "10 ms .. 10 min");
        Demand(DeviceMemoryBytes >= MinDeviceMemoryBytes, nameof(DeviceMemoryBytes), DeviceMemoryBytes, "1 MiB or more");
        Demand(IsPatience(MemoryPatience), nameof(MemoryPatience), MemoryPatience, "10 ms .. 10 min");
        if (ScalesOnCard && QuantiseOnHost)
        {
            throw new ArgumentException("ScalesOnCard and QuantiseOnHost exclude each other: whoever quantises needs the scales first.", nameof(ScalesOnCard));
        }
    }

    private static bool IsPatience(TimeSpan time) => time >= TimeSpan.FromMilliseconds(10) && time <= TimeSpan.FromMinutes(10);

    private static void Demand(bool good, string name, object value, string range)
    {
        if (!good)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
