using System.Diagnostics;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// Frees what is open when the process ends: XRT 2.13 crashes in its static destructors on buffers that are still open.
/// </summary>
internal static class ProcessExitGuard
{
    // What runs in flight get to finish in, together.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Installs the guard; call it once, after XRT's library is loaded.</summary>
    internal static void Install() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => CloseAll();

    private static void CloseAll()
    {
        List<SafeXrtHandle> handles = HandleRegistry.SnapshotInClosingOrder();
        long deadline = Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
        foreach (SafeXrtHandle handle in handles)
        {
            if (handle is SafeXrtRunHandle { IsInFlight: true } run && !TryWaitUntilFinal(run, deadline))
            {
                run.LeakWithBuffers();
            }
        }

        CompletionPoller.Stop(deadline);

        // On a thread of its own: behind a load or a close that hangs this would wait for ever, and so would the process.
        Thread closer = new(() => Close(handles)) { IsBackground = true, Name = "XRT close" };
        closer.Start();
        if (!closer.Join(Patience) || HandleRegistry.LiveCount != 0 || HandleRegistry.LeakedCount != 0 || StuckCalls.Total != 0)
        {
            SkipNativeDestructors();
        }
    }

    private static void Close(List<SafeXrtHandle> handles)
    {
        handles.ForEach(static handle => handle.Dispose());
        KeptDevices.CloseAll();
    }

    private static bool TryWaitUntilFinal(SafeXrtRunHandle run, long deadline)
    {
        while (true)
        {
            if (PeekState(run).IsFinal())
            {
                return true;
            }

            if (Stopwatch.GetTimestamp() >= deadline)
            {
                return false;
            }

            PollingPace.Pause(PollingPace.LongestPause);
        }
    }

    private static XrtRunState PeekState(SafeXrtRunHandle run)
    {
        bool referenced = false;
        try
        {
            run.DangerousAddRef(ref referenced);
            return (XrtRunState)Interop.Xrt.RunState(run.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            // An orphan: the poller owns it, and its native object lives until the poller frees it.
            return run.IsInFlight ? XrtRunState.Running : XrtRunState.Completed;
        }
        finally
        {
            if (referenced)
            {
                run.DangerousRelease();
            }
        }
    }

    // A card that still uses its buffers must keep them, and XRT's destructors would crash on them or wait for ever.
    // on_exit calls its function with the exit status, so _exit itself ends the process with the right code, after all of
    // .NET's own shutdown and before the destructors of the libraries loaded earlier.
    private static void SkipNativeDestructors()
    {
        nint library = NativeLibrary.Load(Interop.Libraries.LibC);
        nint exitNow = NativeLibrary.GetExport(library, "_exit");
        if (Interop.LibC.OnExit(exitNow, 0) != 0)
        {
            Console.Error.WriteLine("JpegActFpga.Xrt: on_exit failed; the process may crash in XRT's destructors.");
        }
    }
}
