using System.Runtime.InteropServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Card memory is not host memory: only what is transferred, and only where, arrives.</summary>
public sealed class BufferTests(CardFixture fixture) : CardTest(fixture)
{
    public static TheoryData<long, long> RangesOutside => new()
    {
        { -1, 1 },
        { 0, -1 },
        { 0, 4097 },
        { 4096, 1 },
        { 4097, 0 },
        { 1, 4096 },
        { long.MaxValue, 1 },
        { 1, long.MaxValue },
        { long.MinValue, long.MinValue },
    };

    [Fact]
    public void The_kernel_sees_old_bytes_until_the_input_is_transferred()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 64);
        session.CheckRoundTrip(session.Run, 100);

        session.InputWords.Fill(7);
        session.Run.Start();
        session.Run.WaitCompleted(Patience);
        session.Output.Sync(XrtSyncDirection.FromDevice);
        Assert.Equal(100u, session.OutputWords[0]);
    }

    [Fact]
    public void The_host_sees_old_bytes_until_the_output_is_transferred()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 64);
        session.CheckRoundTrip(session.Run, 100);

        session.InputWords.Fill(7);
        session.Input.Sync(XrtSyncDirection.ToDevice);
        session.Run.Start();
        session.Run.WaitCompleted(Patience);
        Assert.Equal(100u, session.OutputWords[0]);
        session.Output.Sync(XrtSyncDirection.FromDevice);
        Assert.Equal(7u, session.OutputWords[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_transfer_of_a_part_moves_that_part_alone(bool isUserPointer)
    {
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer buffer = isUserPointer ? XrtBuffer.AllocateUserPointer(device, 300, 0) : XrtBuffer.Allocate(device, 300, 0);
        buffer.AsSpan(0, 300).Fill(1);
        buffer.Sync(XrtSyncDirection.ToDevice);
        buffer.AsSpan(0, 300).Fill(2);
        buffer.Sync(XrtSyncDirection.ToDevice, 100, 50);
        buffer.AsSpan(0, 300).Fill(3);
        buffer.Sync(XrtSyncDirection.FromDevice, 90, 70);

        byte[] expected = new byte[300];
        Array.Fill(expected, (byte)3);
        expected.AsSpan(90, 70).Fill(1);
        expected.AsSpan(100, 50).Fill(2);
        Assert.Equal(expected, buffer.AsSpan(0, 300).ToArray());
    }

    [Theory]
    [MemberData(nameof(RangesOutside))]
    public void A_range_outside_the_buffer_never_reaches_XRT(long offset, long byteCount)
    {
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("sync_in*forever,sync_out*forever");
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Sync(XrtSyncDirection.ToDevice, offset, byteCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Sync(XrtSyncDirection.FromDevice, offset, byteCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Sync((XrtSyncDirection)2, 0, 1));
        if (byteCount == (int)byteCount)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.AsSpan(offset, (int)byteCount));
        }

        Assert.Equal(0, Card.FaultHits("sync_in") + Card.FaultHits("sync_out"));
    }

    [Fact]
    public void An_empty_transfer_moves_nothing_and_succeeds()
    {
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        long before = Card.BytesSynced(XrtSyncDirection.ToDevice);
        buffer.Sync(XrtSyncDirection.ToDevice, 4096, 0);
        Assert.Equal(before, Card.BytesSynced(XrtSyncDirection.ToDevice));
        buffer.Sync(XrtSyncDirection.ToDevice, 4095, 1);
        Assert.Equal(before + 1, Card.BytesSynced(XrtSyncDirection.ToDevice));
    }

    [Fact]
    public unsafe void Buffers_lie_in_their_bank_and_on_pages_of_the_host()
    {
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer normal = XrtBuffer.Allocate(device, 5000, TestImage.InputBank);
        using XrtBuffer user = XrtBuffer.AllocateUserPointer(device, 5000, TestImage.OutputBank);
        Assert.InRange(normal.Address, 0x40_0000_0000UL, 0x43_FFFF_FFFFUL);
        Assert.InRange(user.Address, 0x50_0000_0000UL, 0x53_FFFF_FFFFUL);
        Assert.Equal((0, 0), ((int)((nint)normal.HostMemory % 4096), (int)((nint)user.HostMemory % 4096)));
        Assert.Equal(-1, user.AsSpan(0, 5000).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Sizes_and_offsets_are_64_bits_wide()
    {
        const long size = (5L << 30) + 3;
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer buffer = XrtBuffer.Allocate(device, size, 0);
        Assert.Equal(size, buffer.Length);
        buffer.AsSpan(size - 3, 3)[2] = 42;
        buffer.Sync(XrtSyncDirection.ToDevice, size - 1, 1);
        buffer.AsSpan(size - 3, 3)[2] = 0;
        buffer.Sync(XrtSyncDirection.FromDevice, size - 1, 1);
        Assert.Equal(42, buffer.AsSpan(size - 3, 3)[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Sync(XrtSyncDirection.ToDevice, size, 1));
    }

    [Fact]
    public void A_device_only_buffer_has_an_address_but_no_host_memory()
    {
        using XrtDevice device = OpenLoaded(out _);
        using XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0, XrtBufferKind.DeviceOnly);
        Assert.InRange(buffer.Address, 0x40_0000_0000UL, 0x43_FFFF_FFFFUL);
        Assert.Throws<InvalidOperationException>(() => buffer.AsSpan(0, 1));
    }

    [Fact]
    public void A_host_only_buffer_needs_no_transfers()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using XrtKernel kernel = XrtKernel.Open(device, xclbin, "fill_words:{fill_words_host}");
        using XrtBuffer output = XrtBuffer.Allocate(device, 64, kernel.GetBank(0), XrtBufferKind.HostOnly);
        using XrtRun run = XrtRun.Open(kernel);
        run.SetArgument(0, output);
        run.SetArgument(1, 0x0123_4567_89AB_CDEFUL);
        run.SetArgument(2, 2u);
        run.Start();
        run.WaitCompleted(Patience);
        Assert.Equal([0x0123_4567_89AB_CDEFUL, 0x0123_4567_89AB_CDF0UL], MemoryMarshal.Cast<byte, ulong>(output.AsSpan(0, 16)).ToArray());
    }

    [Fact]
    public void A_full_bank_refuses_and_recovers()
    {
        using XrtDevice device = OpenLoaded(out _);
        const long most = TestImage.SmallBankBytes / 4 * 3;
        using (XrtBuffer.Allocate(device, most, TestImage.SmallBank))
        {
            XrtException full = Assert.Throws<XrtException>(() => XrtBuffer.Allocate(device, most, TestImage.SmallBank));
            Assert.Equal(("xrtBOAlloc", 12), (full.Function, full.ErrorNumber));
            Assert.Contains("786432 bytes in memory bank 2", full.Message, StringComparison.Ordinal);
        }

        XrtBuffer.AllocateUserPointer(device, most, TestImage.SmallBank).Dispose();
    }

    [Fact]
    public void Sizes_and_banks_that_cannot_be_are_refused()
    {
        using XrtDevice device = OpenLoaded(out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => XrtBuffer.Allocate(device, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => XrtBuffer.AllocateUserPointer(device, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => XrtBuffer.Allocate(device, 1, -1));
        Assert.Throws<XrtException>(() => XrtBuffer.Allocate(device, 1, 99));
        Assert.Throws<XrtException>(() => XrtBuffer.AllocateUserPointer(device, 1, 99));
    }
}
