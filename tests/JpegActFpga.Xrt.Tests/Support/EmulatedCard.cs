using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace JpegActFpga.Xrt.Tests;

/// <summary>What went on at once on a card, and how its buffers were made: jpegact_card_traffic.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CardTraffic(uint PeakToCard, uint PeakFromCard, uint PeakUnits, uint UserBuffers, uint DriverBuffers);

/// <summary>The control interface of the emulated card in this process, driver-bindings/emulated-card/emulated_card.h.</summary>
internal sealed unsafe class EmulatedCard
{
    // Managed ids of the threads whose calls are held now.
    private static readonly ConcurrentDictionary<int, bool> Held = [];

    private readonly nint _plugin;

    /// <summary>Attaches to the plug-in that XRT has loaded.</summary>
    public EmulatedCard()
    {
        // XRT loads its plug-in on the first look for a card; this then gives the same library.
        _ = XrtDevice.Count(1);
        _plugin = NativeLibrary.Load(CardSetup.PluginPath);
        ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<byte*, int, void>, void>)Export("jpegact_card_observe_holds"))(&NoteHold);
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

    /// <summary>Lets a firing of a hold point go on, held by now or yet to come; 0: all of them.</summary>
    public void Release(string point, uint firing = 0)
    {
        fixed (byte* text = ToNative(point))
        {
            Check(((delegate* unmanaged[Cdecl]<byte*, uint, int>)Export("jpegact_card_release"))(text, firing), point);
        }
    }

    /// <summary>
    /// Tells whether a thread is inside of a call that a <c>hold_</c> point holds: such a call is stuck because a test wants it
    /// to be, and no other is, however slowly it goes.
    /// </summary>
    /// <param name="thread">The thread's managed id.</param>
    public static bool IsHeld(int thread) => Held.ContainsKey(thread);

    public void Remove(int index = 0) => Check(Control("jpegact_card_remove", index));

    public void Restore(int index = 0) => Check(Control("jpegact_card_restore", index));

    public void Reset(int index = 0) => Check(Control("jpegact_card_reset", index));

    /// <summary>Puts the card back where it is not in its slot.</summary>
    public bool TryRestore(int index) => Control("jpegact_card_restore", index) == 0;

    /// <summary>Resets the card where it is in its slot and was opened.</summary>
    public bool TryReset(int index) => Control("jpegact_card_reset", index) == 0;

    public long LiveBuffers(int index = 0) => Check(((delegate* unmanaged[Cdecl]<uint, long>)Export("jpegact_card_live_buffers"))((uint)index));

    public long BytesSynced(XrtSyncDirection direction, int index = 0)
        => Check(((delegate* unmanaged[Cdecl]<uint, int, long>)Export("jpegact_card_bytes_synced"))((uint)index, (int)direction));

    /// <summary>Tells what went on since the last call; the first call only begins.</summary>
    public CardTraffic TakeTraffic(int index = 0)
    {
        CardTraffic traffic;
        Check(((delegate* unmanaged[Cdecl]<uint, CardTraffic*, int>)Export("jpegact_card_take_traffic"))((uint)index, &traffic));
        return traffic;
    }

    public long Runs(string computeUnit)
    {
        fixed (byte* text = ToNative(computeUnit))
        {
            return Check(((delegate* unmanaged[Cdecl]<uint, byte*, long>)Export("jpegact_card_runs"))(0, text), computeUnit);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NoteHold(byte* point, int held)
    {
        if (held != 0)
        {
            Held[Environment.CurrentManagedThreadId] = true;
        }
        else
        {
            Held.TryRemove(Environment.CurrentManagedThreadId, out _);
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

    private int Control(string function, int index) => ((delegate* unmanaged[Cdecl]<uint, int>)Export(function))((uint)index);

    private nint Export(string name) => NativeLibrary.GetExport(_plugin, name);
}
