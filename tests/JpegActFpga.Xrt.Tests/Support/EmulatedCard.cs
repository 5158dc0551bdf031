using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace JpegActFpga.Xrt.Tests;

/// <summary>The control interface of the emulated card in this process, driver-bindings/emulated-card/emulated_card.h.</summary>
internal sealed unsafe class EmulatedCard
{
    private readonly nint _plugin;

    /// <summary>Attaches to the plug-in that XRT has loaded.</summary>
    public EmulatedCard()
    {
        // XRT loads its plug-in on the first look for a card; this then gives the same library.
        _ = XrtDevice.Count(1);
        _plugin = NativeLibrary.Load(CardSetup.PluginPath);
    }

    public void SetFaults(string specification)
        => Check(WithText(specification, (delegate* unmanaged[Cdecl]<byte*, int>)Export("jpegact_card_set_faults")), specification);

    public long FaultHits(string point)
    {
        fixed (byte* text = ToNative(point))
        {
            return Check(((delegate* unmanaged[Cdecl]<byte*, long>)Export("jpegact_card_fault_hits"))(text), point);
        }
    }

    public void Remove() => Check(((delegate* unmanaged[Cdecl]<uint, int>)Export("jpegact_card_remove"))(0));

    public void Restore() => Check(((delegate* unmanaged[Cdecl]<uint, int>)Export("jpegact_card_restore"))(0));

    public void Reset() => Check(((delegate* unmanaged[Cdecl]<uint, int>)Export("jpegact_card_reset"))(0));

    public long LiveBuffers() => Check(((delegate* unmanaged[Cdecl]<uint, long>)Export("jpegact_card_live_buffers"))(0));

    public long BytesSynced(XrtSyncDirection direction)
        => Check(((delegate* unmanaged[Cdecl]<uint, int, long>)Export("jpegact_card_bytes_synced"))(0, (int)direction));

    public long Runs(string computeUnit)
    {
        fixed (byte* text = ToNative(computeUnit))
        {
            return Check(((delegate* unmanaged[Cdecl]<uint, byte*, long>)Export("jpegact_card_runs"))(0, text), computeUnit);
        }
    }

    private static long Check(long result, string? subject = null, [CallerMemberName] string function = "")
        => result >= 0 ? result : throw new InvalidOperationException($"{function}({subject}) of the emulated card gave {result}.");

    private static byte[] ToNative(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static int WithText(string text, delegate* unmanaged[Cdecl]<byte*, int> function)
    {
        fixed (byte* native = ToNative(text))
        {
            return function(native);
        }
    }

    private nint Export(string name) => NativeLibrary.GetExport(_plugin, name);
}
