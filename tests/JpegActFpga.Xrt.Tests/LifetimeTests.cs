using System.Runtime.CompilerServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Objects may go in any order, or be forgotten.</summary>
public sealed class LifetimeTests(CardFixture fixture) : CardTest(fixture)
{
    [Fact]
    public void Every_order_of_disposal_frees_everything()
    {
        int orders = 0;
        foreach (int[] order in Permutations(5))
        {
            CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
            session.CheckRoundTrip(session.Run, (uint)orders++);
            Assert.Equal(5, XrtDiagnostics.LiveHandles);
            IDisposable[] objects = [session.Device, session.Kernel, session.Input, session.Output, session.Run];
            foreach (int index in order)
            {
                objects[index].Dispose();
                objects[index].Dispose();
            }

            Assert.Equal(0, XrtDiagnostics.LiveHandles);
        }

        Assert.Equal(120, orders);
    }

    [Fact]
    public void A_run_keeps_its_buffers_kernel_and_card_open()
    {
        XrtDevice device = OpenLoaded(out Guid xclbin);
        using XrtBuffer output = XrtBuffer.Allocate(device, 64, TestImage.OutputBank);
        XrtKernel kernel = XrtKernel.Open(device, xclbin, "copy_words:{copy_words_1}");
        XrtBuffer input = XrtBuffer.Allocate(device, 64, TestImage.InputBank);
        using XrtRun run = XrtRun.Open(kernel);
        run.SetArgument(0, input);
        run.SetArgument(1, output);
        run.SetArgument(2, 16u);
        input.AsSpan(0, 64).Fill(0xA5);
        input.Sync(XrtSyncDirection.ToDevice);

        input.Dispose();
        kernel.Dispose();
        device.Dispose();

        Assert.Equal((5, 2L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        run.Start();
        run.WaitCompleted(Patience);
        output.Sync(XrtSyncDirection.FromDevice);
        Assert.Equal(-1, output.AsSpan(0, 64).IndexOfAnyExcept((byte)0xA5));
    }

    [Fact]
    public void Setting_an_argument_again_lets_go_of_the_buffer_before()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        session.Input.Dispose();
        Assert.Equal(5, XrtDiagnostics.LiveHandles);
        using XrtBuffer other = XrtBuffer.Allocate(session.Device, 64, TestImage.InputBank);
        session.Run.SetArgument(0, other);
        Assert.Equal((5, 2L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
    }

    [Fact]
    public void A_run_disposed_of_in_flight_is_freed_when_the_card_is_done()
    {
        XrtDevice device = OpenLoaded(out Guid xclbin);
        GateSession gate = new(device, xclbin);
        gate.Run.Start();
        gate.Run.Dispose();
        gate.Output.Dispose();
        gate.Kernel.Dispose();
        device.Dispose();
        Assert.Equal((5, 1, 2L), (XrtDiagnostics.LiveHandles, XrtDiagnostics.OrphanedRuns, Card.LiveBuffers()));

        gate.Open(1);
        Eventually(() => XrtDiagnostics.OrphanedRuns == 0, "the run is not freed");
        gate.Gate.Dispose();
        Assert.Equal((0, 0L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
    }

    [Fact]
    public void Dropped_objects_are_finalised()
    {
        using (XrtDevice device = OpenLoaded(out Guid xclbin))
        {
            for (int i = 0; i < 200; i++)
            {
                DropOne(device, xclbin);
                if (i % 50 == 49)
                {
                    GC.Collect();
                }
            }

            CollectUntil(() => XrtDiagnostics.LiveHandles == 1);
            Assert.Equal((1, 0L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void DropOne(XrtDevice device, Guid xclbin)
        {
            XrtKernel kernel = XrtKernel.Open(device, xclbin, "copy_words");
            XrtRun run = XrtRun.Open(kernel);
            run.SetArgument(0, XrtBuffer.Allocate(device, 4096, TestImage.InputBank));
            run.SetArgument(1, XrtBuffer.AllocateUserPointer(device, 4096, TestImage.OutputBank));
            run.SetArgument(2, 1u);
            run.Start();
        }
    }

    [Fact]
    public void A_run_dropped_in_flight_keeps_its_buffers_until_the_card_is_done()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using XrtBuffer gate = XrtBuffer.Allocate(device, sizeof(uint), TestImage.InputBank);
        gate.AsSpan(0, sizeof(uint)).Clear();
        gate.Sync(XrtSyncDirection.ToDevice);
        StartAndDrop(device, xclbin, gate);
        CollectUntil(() => XrtDiagnostics.OrphanedRuns == 1);
        Assert.Equal((5, 1, 2L), (XrtDiagnostics.LiveHandles, XrtDiagnostics.OrphanedRuns, Card.LiveBuffers()));

        gate.AsSpan(0, 1)[0] = 1;
        gate.Sync(XrtSyncDirection.ToDevice);
        CollectUntil(() => XrtDiagnostics.LiveHandles == 2);
        Assert.Equal(1, Card.LiveBuffers());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void StartAndDrop(XrtDevice device, Guid xclbin, XrtBuffer gate)
        {
            XrtRun run = XrtRun.Open(XrtKernel.Open(device, xclbin, "wait_gate:{wait_gate_1}"));
            run.SetArgument(0, gate);
            run.SetArgument(1, XrtBuffer.AllocateUserPointer(device, 4096, TestImage.OutputBank));
            run.Start();
        }
    }

    [Fact]
    public void Ten_thousand_runs_open_nothing_and_allocate_nothing()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        // .NET itself allocates once in a while as it recompiles a hot path, so one clean pass of several is asked for.
        long least = long.MaxValue;
        for (int pass = 0; pass < 4 || (pass < 30 && least != 0); pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RunMany(session, 2_500);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal((5, 2L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));

        static void RunMany(CopySession session, int count)
        {
            for (uint i = 0; i < count; i++)
            {
                session.Run.SetArgument(2, 1 + (i % 16));
                session.Input.Sync(XrtSyncDirection.ToDevice, 0, 64);
                session.Run.Start();
                session.Run.WaitCompleted(Patience);
                session.Output.Sync(XrtSyncDirection.FromDevice, 0, 64);
            }
        }
    }

    [Fact]
    public void Everything_throws_after_disposal()
    {
        CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        session.Dispose();
        Action[] uses =
        [
            () => session.Device.LoadXclbin(Image.XclbinPath),
            () => session.Device.GetXclbinId(),
            () => XrtKernel.Open(session.Device, xclbin, "copy_words"),
            () => XrtBuffer.Allocate(session.Device, 1, 0),
            () => XrtBuffer.AllocateUserPointer(session.Device, 1, 0),
            () => session.Kernel.GetRegisterOffset(0),
            () => XrtRun.Open(session.Kernel),
            () => session.Input.Sync(XrtSyncDirection.ToDevice),
            () => session.Input.AsSpan(0, 1),
            () => _ = session.Input.Address,
            () => session.Run.SetArgument(2, 1u),
            () => session.Run.Start(),
            () => session.Run.Wait(TimeSpan.Zero),
            () => _ = session.Run.State,
            () => session.Run.Abandon(),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }

    private static void CollectUntil(Func<bool> condition) => Eventually(
        () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return condition();
        },
        "the dropped objects are not finalised");

    private static IEnumerable<int[]> Permutations(int count)
    {
        if (count == 0)
        {
            yield return [];
            yield break;
        }

        foreach (int[] shorter in Permutations(count - 1))
        {
            for (int at = 0; at < count; at++)
            {
                yield return [.. shorter[..at], count - 1, .. shorter[at..]];
            }
        }
    }
}
