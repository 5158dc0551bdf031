using System.Runtime.InteropServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Starting and waiting, one run and many.</summary>
public sealed class RunTests(CardFixture fixture) : CardTest(fixture)
{
    [Fact]
    public void Many_runs_in_flight_share_the_units_and_keep_their_data_apart()
    {
        const int count = 64;
        const int words = 1000;
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        long before = RunsOfAllCopyUnits();
        CopySession[] sessions = [.. Enumerable.Range(0, count).Select(index => new CopySession(OpenLoaded(out _), xclbin, words, "copy_words"))];
        for (int pass = 0; pass < 5; pass++)
        {
            for (int i = 0; i < count; i++)
            {
                sessions[i].InputWords.Fill((uint)((pass * count) + i + 1));
                sessions[i].Input.Sync(XrtSyncDirection.ToDevice);
                sessions[i].Run.Start();
            }

            for (int i = count - 1; i >= 0; i--)
            {
                sessions[i].Run.WaitCompleted(Patience);
                sessions[i].Output.Sync(XrtSyncDirection.FromDevice);
                Assert.Equal(-1, sessions[i].OutputWords.IndexOfAnyExcept((uint)((pass * count) + i + 1)));
            }
        }

        Assert.Equal(5 * count, RunsOfAllCopyUnits() - before);
        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public async Task Threads_work_on_one_card_at_once()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(thread => Task.Run(
            () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    using CopySession session = new(OpenLoaded(out _), xclbin, 256, $"copy_words:{{copy_words_{1 + (i % TestImage.CopyUnits)}}}");
                    for (int run = 0; run < 10; run++)
                    {
                        session.CheckRoundTrip(session.Run, (uint)((thread * 100_000) + (i * 1000) + run));
                    }
                }
            },
            TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_run_goes_through_its_states()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        using XrtRun second = XrtRun.Open(gate.Kernel);
        second.SetArgument(0, gate.Gate);
        second.SetArgument(1, gate.Output);
        Assert.Equal(XrtRunState.New, gate.Run.State);
        gate.Run.Start();
        gate.WaitUntilRunning();
        second.Start();
        Assert.Equal(XrtRunState.Queued, second.State);
        Assert.Equal(XrtRunState.Running, gate.Run.Wait(TimeSpan.Zero));
        gate.Open(5);
        Assert.Equal(XrtRunState.Completed, second.Wait(Patience));
        Assert.Equal((XrtRunState.Completed, XrtRunState.Completed), (gate.Run.State, gate.Run.Wait(TimeSpan.Zero)));
        Assert.Equal(5u, gate.ReadOutput());
    }

    [Fact]
    public void A_wait_out_of_time_leaves_the_run_to_a_later_wait()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        gate.Run.Start();
        Assert.False(gate.Run.Wait(TimeSpan.FromMilliseconds(20)).IsFinal());
        XrtRunException late = Assert.Throws<XrtRunException>(() => gate.Run.WaitCompleted(TimeSpan.FromMilliseconds(1)));
        Assert.True(late.IsTimeout);
        gate.Open(9);
        gate.Run.WaitCompleted(Patience);
        Assert.Equal(9u, gate.ReadOutput());
    }

    [Fact]
    public void A_run_that_waits_does_not_hold_up_another()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        using CopySession copy = new(OpenLoaded(out _), xclbin, 16);
        gate.Run.Start();
        Thread waiting = new(() => gate.Run.Wait(Patience));
        waiting.Start();
        gate.WaitUntilRunning();
        copy.CheckRoundTrip(copy.Run, 3);
        Assert.True(waiting.IsAlive);
        gate.Open(1);
        Assert.True(waiting.Join(Patience));
    }

    [Fact]
    public void A_run_in_flight_cannot_be_changed_or_started_again()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        gate.Run.Start();
        Assert.Throws<InvalidOperationException>(gate.Run.Start);
        Assert.Throws<InvalidOperationException>(() => gate.Run.SetArgument(0, gate.Gate));
        Assert.False(gate.Run.IsDead);
        gate.Open(1);
        gate.Run.WaitCompleted(Patience);
    }

    [Fact]
    public void Waits_without_a_start_or_an_end_are_refused()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Assert.Throws<InvalidOperationException>(() => session.Run.Wait(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run.Wait(Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run.Wait(TimeSpan.MaxValue));
        Assert.Equal(XrtRunState.New, session.Run.State);
    }

    [Fact]
    public void A_buffer_in_a_bank_that_the_argument_is_not_wired_to_is_refused()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => session.Run.SetArgument(0, session.Output));
        Assert.Contains("wired to bank 0", wrong.Message, StringComparison.Ordinal);
        session.CheckRoundTrip(session.Run, 1);
    }

    [Fact]
    public void Arguments_that_do_not_exist_are_refused()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run.SetArgument(-1, 1u));
        Assert.Equal("xrtRunSetArg", Assert.Throws<XrtException>(() => session.Run.SetArgument(3, 1u)).Function);
        Assert.Equal("xrtRunSetArg", Assert.Throws<XrtException>(() => session.Run.SetArgument(99, 1UL)).Function);
        Assert.Equal("xrtKernelArgGroupId", Assert.Throws<XrtException>(() => session.Run.SetArgument(99, session.Input)).Function);
        session.CheckRoundTrip(session.Run, 1);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(0x8000_0000UL)]
    [InlineData(0xFEDC_BA98_7654_3210UL)]
    [InlineData(ulong.MaxValue)]
    public void Scalars_of_64_bits_arrive_whole(ulong value)
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using XrtKernel kernel = XrtKernel.Open(device, xclbin, "fill_words:{fill_words_1}");
        using XrtBuffer output = XrtBuffer.Allocate(device, 32, kernel.GetBank(0));
        using XrtRun run = XrtRun.Open(kernel);
        run.SetArgument(0, output);
        run.SetArgument(1, value);
        run.SetArgument(2, 4u);
        run.Start();
        run.WaitCompleted(Patience);
        output.Sync(XrtSyncDirection.FromDevice);
        Assert.Equal([value, value + 1, value + 2, value + 3], MemoryMarshal.Cast<byte, ulong>(output.AsSpan(0, 32)).ToArray());
    }

    [Fact]
    public void Offsets_and_banks_are_those_of_the_image()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using XrtKernel kernel = XrtKernel.Open(device, xclbin, "copy_words:{copy_words_2}");
        Assert.Equal([0x10, 0x1C, 0x28], Enumerable.Range(0, 3).Select(kernel.GetRegisterOffset));
        Assert.Equal([TestImage.InputBank, TestImage.OutputBank], Enumerable.Range(0, 2).Select(kernel.GetBank));
        Assert.Throws<XrtException>(() => kernel.GetRegisterOffset(9));
        Assert.Throws<XrtException>(() => kernel.GetBank(9));
    }

    private long RunsOfAllCopyUnits() => Enumerable.Range(1, TestImage.CopyUnits).Sum(unit => Card.Runs($"copy_words:copy_words_{unit}"));
}
