namespace JpegActFpga.Xrt.Tests;

/// <summary>What this executable does as a child process: things that only the end of a process, or its start, shows.</summary>
internal static class ChildScenarios
{
    public const int ExitCode = 42;
    private const int NotAvailable = 3;

    // Held to the end, so that nothing but the end of the process closes them.
    private static readonly List<object> Open = [];

    public static int Run(string scenario) => scenario switch
    {
        "probe" => Probe(),
        "open" => RunOpen(),
        "exit-open" => ExitOpen(),
        "environment-exit-open" => EnvironmentExitOpen(),
        "exit-in-flight" => ExitInFlight(),
        "exit-hung" => ExitHung(),
        "exit-abandoned" => ExitAbandoned(),
        "exit-awaiting" => ExitAwaiting(),
        "exit-busy-thread" => ExitBusyThread(),
        "exit-hung-call" => ExitHungCall(),
        _ => throw new ArgumentOutOfRangeException(nameof(scenario), scenario, "no such scenario"),
    };

    private static int Probe()
    {
        XrtRuntimeReport report = XrtRuntime.Probe();
        Console.WriteLine(report.IsUsable ? $"usable {report.Version} {report.CorePluginPath}" : $"{report.Problem} | {report.Remedy}");
        return report.IsUsable ? 0 : NotAvailable;
    }

    private static int RunOpen()
    {
        try
        {
            XrtDevice.Open(0).Dispose();
            return 0;
        }
        catch (XrtNotAvailableException exception)
        {
            Console.WriteLine(exception.Message);
            return NotAvailable;
        }
    }

    private static int ExitOpen()
    {
        CopySession session = OpenSession();
        session.CheckRoundTrip(session.Run, 1);
        return ExitCode;
    }

    private static int EnvironmentExitOpen()
    {
        _ = OpenSession();
        Environment.Exit(ExitCode);
        return 0;
    }

    private static int ExitHungCall()
    {
        XrtDevice device = XrtDevice.Open(0);
        XrtKernel kernel = XrtKernel.Open(device, device.LoadXclbin(Environment.GetEnvironmentVariable("JPEGACT_XCLBIN")!), "copy_words:{copy_words_1}");
        CardTopology.Limit = TimeSpan.FromMilliseconds(50);
        using var isIn = new ManualResetEventSlim();
        new Thread(() =>
        {
            using (CardTopology.Change("a call that hangs"))
            {
                isIn.Set();
                Thread.Sleep(Timeout.Infinite);
            }
        })
        { IsBackground = true }.Start();
        isIn.Wait();
        kernel.Dispose();
        device.Dispose();
        return (XrtDiagnostics.LeakedHandles, XrtDiagnostics.LiveHandles) == (1, 1) ? ExitCode : 1;
    }

    private static int ExitInFlight()
    {
        CopySession session = OpenSession();
        new EmulatedCard().SetFaults("slow=200");
        session.Run.Start();
        return ExitCode;
    }

    private static int ExitHung()
    {
        CopySession session = OpenSession();
        new EmulatedCard().SetFaults("hang");
        session.Run.Start();
        return ExitCode;
    }

    private static int ExitAbandoned()
    {
        CopySession session = OpenSession();
        EmulatedCard card = new();
        card.SetFaults("hang");
        session.Run.Start();
        if (session.Run.Wait(TimeSpan.FromMilliseconds(20)).IsFinal())
        {
            return 1;
        }

        session.Run.Abandon();
        session.Run.Abandon();

        // The run and its two buffers; the kernel and the card stay open with them, whatever is disposed of.
        session.Dispose();
        Expect((2, 3, 2L), (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, card.LiveBuffers()));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Expect((2, 3, 2L), (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, card.LiveBuffers()));

        // A run that the driver gave up: it is over for XRT, but the unit may not have stopped.
        CopySession timedOut = OpenSession("copy_words:{copy_words_3}");
        card.SetFaults("timeout");
        timedOut.Run.Start();
        Expect(XrtRunState.DriverTimeout, timedOut.Run.Wait(CardTest.Patience));
        timedOut.Run.Abandon();
        timedOut.Dispose();
        Expect(0, XrtDiagnostics.ReclaimLeaked());
        Expect((4, 6, 4L), (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, card.LiveBuffers()));

        // Other units of the card go on working.
        CopySession other = OpenSession("copy_words:{copy_words_2}");
        other.CheckRoundTrip(other.Run, 9);
        return ExitCode;
    }

    private static int ExitAwaiting()
    {
        CopySession session = OpenSession();
        new EmulatedCard().SetFaults("slow=100");
        Open.Add(session.Run.StartAsync(CardTest.Patience).AsTask());
        return ExitCode;
    }

    private static int ExitBusyThread()
    {
        CopySession session = OpenSession();
        new EmulatedCard().SetFaults("slow_sync=400");
        Thread thread = new(() => session.Input.Sync(XrtSyncDirection.ToDevice)) { IsBackground = true };
        thread.Start();
        EmulatedCard card = new();
        SpinWait.SpinUntil(() => card.FaultHits("slow_sync") == 1);
        return ExitCode;
    }

    private static CopySession OpenSession(string kernel = "copy_words:{copy_words_1}")
    {
        XrtDevice device = XrtDevice.Open(0);
        Guid xclbin = device.LoadXclbin(CardSetup.CodecXclbin);
        CopySession session = new(device, xclbin, 64, kernel);
        Open.Add(session);
        return session;
    }

    private static void Expect<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException($"Expected {expected}, got {actual}.");
        }
    }
}
