using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Backends;

/// <summary>What the launches of emulated cards took on this processor, and what a model says that they would take on a card.</summary>
internal static unsafe class EmulatedKernelTimes
{
    private const string Export = "jpegact_card_kernel_time";
    private const int LimitBytes = 32;
    private const int NoSuchDevice = -19;

    /// <summary>Asks the emulated cards; none where the cards are real, or where no model is brought.</summary>
    /// <param name="cards">The cards; one at least was opened by this process, and loaded with the xclbin.</param>
    /// <returns>By compute unit, in the xclbin's order. Cards that have left the bus have none.</returns>
    /// <exception cref="InvalidOperationException">The emulated card does not know a unit of the xclbin.</exception>
    internal static IReadOnlyList<KernelTimePart> Read(CardSelection cards)
    {
        if (cards.Xclbin is null
            || XrtRuntime.Probe() is not { CorePluginPath: { } plugin } report
            || !CardInventory.IsEmulated(report)
            || !NativeLibrary.TryGetExport(NativeLibrary.Load(plugin), Export, out nint function))
        {
            return [];
        }

        var times = new List<KernelTimePart>();
        XclbinFile xclbin = BitstreamManifest.Verify(cards.Xclbin).File;
        foreach (int card in cards.FindDevices())
        {
            times.AddRange(xclbin.ComputeUnits.Select(unit => Read(function, card, unit)).OfType<KernelTimePart>());
        }

        return times;
    }

    private static KernelTimePart? Read(nint function, int card, XclbinComputeUnit unit)
    {
        CardTimes times;
        int result;
        fixed (byte* name = Encoding.UTF8.GetBytes($"{unit.Kernel}:{unit.Name}\0"))
        {
            result = ((delegate* unmanaged[Cdecl]<uint, byte*, CardTimes*, int>)function)((uint)card, name, &times);
        }

        if (result == NoSuchDevice)
        {
            return null;
        }

        if (result != 0)
        {
            throw new InvalidOperationException($"{Export} of the emulated card gave {result} for {unit.Kernel}:{unit.Name} of card {card}");
        }

        string limit = Encoding.UTF8.GetString(((ReadOnlySpan<byte>)times.ModelLimit)[..LimitBytes]).TrimEnd('\0');
        return new KernelTimePart(
            card,
            unit.Name,
            (long)times.Launches,
            times.RealSeconds,
            new ModelledTimePart((long)times.ModelledLaunches, (long)times.Descriptors, times.ModelSeconds, times.ModelFixedSeconds, limit));
    }

    // struct jpegact_card_times of driver-bindings/emulated-card/emulated_card.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct CardTimes
    {
        internal ulong Launches;
        internal double RealSeconds;
        internal ulong ModelledLaunches;
        internal ulong Descriptors;
        internal double ModelSeconds;
        internal double ModelFixedSeconds;
        internal LimitText ModelLimit;
    }

    [InlineArray(LimitBytes)]
    private struct LimitText
    {
        private byte _first;
    }
}
