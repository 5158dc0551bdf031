using System.Globalization;
using JpegActFpga.Training.Native;
using JpegActFpga.Xrt.Tests;
using TorchSharp;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace JpegActFpga.Faults.Tests.Support;

/// <summary>The emulated cards of this process: two, whose faults are of the whole process.</summary>
internal static class Cards
{
    internal const int Count = 2;

    private static readonly Lazy<EmulatedCard> Lazy = new(Attach);

    /// <summary>Gets why there are none; null where there are.</summary>
    internal static string? WhyNot => CardSetup.SkipReason
        ?? (File.Exists(CardSetup.CodecXclbin) ? null : $"{CardSetup.CodecXclbin} is missing: run ./build.sh in the repository's root.");

    internal static EmulatedCard Card => Lazy.Value;

    /// <summary>Gets the buffers alive on all cards.</summary>
    internal static long LiveBuffers => Enumerable.Range(0, Count).Sum(index => Card.LiveBuffers(index));

    /// <summary>No fault, and every card in its slot with units that answer.</summary>
    internal static void Heal()
    {
        Card.SetFaults(string.Empty);
        for (int index = 0; index < Count; index++)
        {
            Card.TryRestore(index);
            Card.TryReset(index);
        }
    }

    private static EmulatedCard Attach()
    {
        CardSetup.Apply();
        NativeEnvironment.Set("JPEGACT_CARD_COUNT", Count.ToString(CultureInfo.InvariantCulture));

        // One torch thread: the same bits on every machine, and the card's threads have a processor left.
        TorchRuntime.EnsureLoaded();
        torch.set_num_threads(1);
        return new EmulatedCard();
    }
}
