using JpegActFpga.Core.Memory;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Stores;

/// <summary>What every store promises.</summary>
public abstract class FrameStoreContract : IDisposable
{
    private readonly NativeBuffer _room = new(1 << 20);

    private protected abstract IFrameStore Store { get; }

    public virtual void Dispose()
    {
        _room.Dispose();
        Store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(1_000_003)]
    public void A_frame_comes_back_bit_for_bit_at_an_aligned_address(int length)
    {
        using NativeBuffer frame = Random(length, seed: length);
        FrameHandle handle = Store.Put(frame.Bytes);
        Assert.Equal(length, handle.Length);
        Assert.Equal(length, Store.HeldBytes);
        frame.Bytes.Clear(); // the caller's memory is free again
        using NativeBuffer again = Random(length, seed: length);
        NativeSpan<byte> read = Store.Read(handle, _room.Bytes);
        Assert.Equal(0, read.Address % NativeBuffer.LineBytes);
        Assert.True(again.Bytes.AsSpan(0, length).SequenceEqual(read.AsSpan(0, length)) && read.Length == length);
        Assert.True(Store.Remove(handle));
        Assert.Equal(0, Store.HeldBytes);
    }

    [Fact]
    public void Frames_of_all_sizes_do_not_touch_each_other_whatever_the_order()
    {
        var random = new Random(5);
        Dictionary<FrameHandle, (int Length, int Seed)> held = [];
        for (int i = 0; i < 600; i++)
        {
            if (held.Count > 40 || (held.Count > 0 && random.Next(3) == 0))
            {
                FrameHandle any = held.Keys.ElementAt(random.Next(held.Count));
                Check(any, held[any]);
                Assert.True(Store.Remove(any));
                held.Remove(any);
            }
            else
            {
                int length = 1 << random.Next(0, 17);
                length += random.Next(length);
                using NativeBuffer frame = Random(length, i);
                Assert.True(held.TryAdd(Store.Put(frame.Bytes), (length, i)));
            }

            Assert.Equal(held.Values.Sum(h => (long)h.Length), Store.HeldBytes);
        }

        foreach ((FrameHandle handle, (int Length, int Seed) what) in held)
        {
            Check(handle, what);
        }
    }

    [Fact]
    public void A_removed_frame_is_refused_and_its_handle_never_names_another()
    {
        using NativeBuffer frame = Random(100, 1);
        FrameHandle gone = Store.Put(frame.Bytes);
        Assert.True(Store.Remove(gone));
        Assert.False(Store.Remove(gone));
        FrameHandle next = Store.Put(frame.Bytes);
        Assert.NotEqual(gone, next);
        Assert.Throws<ObjectDisposedException>(() => Store.Read(gone, _room.Bytes));
        Assert.False(Store.Remove(gone));
        Assert.Equal(100, Store.HeldBytes);
    }

    [Fact]
    public void A_disposed_store_holds_nothing_and_takes_nothing()
    {
        using NativeBuffer frame = Random(100, 1);
        FrameHandle handle = Store.Put(frame.Bytes);
        Store.Dispose();
        Store.Dispose();
        Assert.Equal(0, Store.HeldBytes);
        Assert.Throws<ObjectDisposedException>(() => Store.Put(frame.Bytes));
        Assert.Throws<ObjectDisposedException>(() => Store.Read(handle, _room.Bytes));
        Assert.False(Store.Remove(handle));
    }

    [Fact]
    public void Many_threads_may_use_it_at_once()
    {
        Parallel.For(0, 8, thread =>
        {
            using var room = new NativeBuffer(1 << 16);
            for (int i = 0; i < 50; i++)
            {
                int length = 1 + ((thread * 977) + (i * 331)) % 60_000;
                using NativeBuffer frame = Random(length, (thread * 1000) + i);
                FrameHandle handle = Store.Put(frame.Bytes);
                Assert.True(frame.Bytes.AsSpan(0, length).SequenceEqual(Store.Read(handle, room.Bytes).AsSpan(0, length)));
                Assert.True(Store.Remove(handle));
            }
        });
        Assert.Equal(0, Store.HeldBytes);
    }

    [Fact]
    public void A_frame_made_in_a_room_of_the_stores_own_stays_there()
    {
        if (!Store.TryLend(50_000, out NativeSpan<byte> room))
        {
            Assert.Equal(0, room.Length);
            Assert.Throws<NotSupportedException>(() => Store.Keep(room, 1));
            Assert.Throws<NotSupportedException>(() => Store.TakeBack(room));
            return;
        }

        Assert.Equal((50_000, 0), (room.Length, room.Address % NativeBuffer.LineBytes));
        Assert.Equal(0, Store.HeldBytes);
        using NativeBuffer content = Random(30_000, 3);
        content.Bytes.CopyTo(room);
        FrameHandle kept = Store.Keep(room, 30_000);
        Assert.Equal((30_000, 30_000), (kept.Length, Store.HeldBytes));
        Assert.Equal(room.Address, Store.Read(kept, _room.Bytes).Address);
        Check(kept, (30_000, 3));

        // What it did not need is there for others, and a room that is not kept leaves nothing behind.
        Assert.True(Store.TryLend(1000, out NativeSpan<byte> other));
        Store.TakeBack(other);
        Assert.Equal(30_000, Store.HeldBytes);
        Check(kept, (30_000, 3));
        Assert.True(Store.Remove(kept));
    }

    private protected static NativeBuffer Random(int length, int seed)
    {
        var buffer = new NativeBuffer(length);
        new Random(seed).NextBytes(buffer.Bytes.AsSpan(0, length));
        return buffer;
    }

    private void Check(FrameHandle handle, (int Length, int Seed) what)
    {
        using NativeBuffer expected = Random(what.Length, what.Seed);
        Assert.True(expected.Bytes.AsSpan(0, what.Length).SequenceEqual(Store.Read(handle, _room.Bytes).AsSpan(0, what.Length)));
    }
}

public sealed class HostMemoryStoreTests : FrameStoreContract
{
    private protected override IFrameStore Store { get; } = new HostMemoryStore();

    [Fact]
    public void Rooms_are_lent_one_at_a_time()
    {
        Assert.True(Store.TryLend(5000, out NativeSpan<byte> room));
        Assert.False(Store.TryLend(5000, out _));
        FrameHandle first = Store.Keep(room, 100);
        Assert.True(Store.TryLend(5000, out NativeSpan<byte> next));
        Assert.Equal(room.Address + 128, next.Address);
        Store.TakeBack(next);
        Assert.True(Store.Remove(first));
    }

    [Fact]
    public void A_room_is_not_larger_for_being_kept()
    {
        Assert.True(Store.TryLend(5000, out NativeSpan<byte> room));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.Keep(room, 6000));
        Store.TakeBack(room);
    }

    [Fact]
    public void A_room_on_loan_outlives_its_store_and_is_not_kept()
    {
        Assert.True(Store.TryLend(5000, out NativeSpan<byte> room));
        Store.Dispose();
        room.Clear(); // still memory
        Assert.Throws<ObjectDisposedException>(() => Store.Keep(room, 100));
        Assert.Throws<ObjectDisposedException>(() => Store.TryLend(5000, out _));
    }

    [Fact]
    public void A_pinned_frame_outlives_its_store()
    {
        using NativeBuffer frame = Random(100, 1);
        FrameHandle pinned = Store.Put(frame.Bytes);
        FrameHandle removed = Store.Put(frame.Bytes);
        Store.Pin(pinned);
        Store.Pin(removed);
        NativeSpan<byte> bytes = Store.Read(pinned, default);
        NativeSpan<byte> others = Store.Read(removed, default);
        Assert.True(Store.Remove(removed));
        FrameHandle next = Store.Put(frame.Bytes);
        Assert.NotEqual(others.Address, Store.Read(next, default).Address);
        Store.Dispose();
        Assert.True(bytes.AsSpan(0, 100).SequenceEqual(frame.Bytes.AsSpan(0, 100)));
        Assert.True(others.AsSpan(0, 100).SequenceEqual(frame.Bytes.AsSpan(0, 100)));
    }
}

public sealed class FileStoreTests : FrameStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jpegact-store-").FullName;
    private readonly FileStore _store;

    public FileStoreTests() => _store = new FileStore(_folder);

    private protected override IFrameStore Store => _store;

    public override void Dispose()
    {
        base.Dispose();
        Directory.Delete(_folder); // fails where a file is left
    }

    [Fact]
    public void The_file_has_no_name() => Assert.Empty(Directory.GetFileSystemEntries(_folder));

    [Fact]
    public void The_file_stops_growing_when_the_same_frames_come_again()
    {
        long first = 0;
        for (int pass = 0; pass < 5; pass++)
        {
            List<FrameHandle> held = [];
            for (int i = 1; i < 40; i++)
            {
                using NativeBuffer frame = Random(i * 1777, i);
                held.Add(_store.Put(frame.Bytes));
            }

            first = first == 0 ? _store.FileBytes : first;
            Assert.Equal(first, _store.FileBytes);
            held.ForEach(h => Assert.True(_store.Remove(h)));
        }

        Assert.InRange(first, 39 * 40 / 2 * 1777, 39 * 40 / 2 * 1777 * 5 / 4);
    }

    [Fact]
    public void A_full_file_is_an_error_that_says_how_full_and_keeps_nothing()
    {
        using var small = new FileStore(_folder, maxBytes: 64 << 10);
        using NativeBuffer frame = Random(40_000, 1);
        FrameHandle first = small.Put(frame.Bytes);
        Assert.Contains("65536", Assert.Throws<FrameLostException>(() => small.Put(frame.Bytes)).Message, StringComparison.Ordinal);
        Assert.Equal(40_000, small.HeldBytes);
        Assert.True(small.Remove(first));
        Assert.True(small.Remove(small.Put(frame.Bytes)));
    }

    [Fact]
    public void A_full_disk_is_a_lost_frame()
    {
        const string full = "/dev/full";
        Assert.SkipUnless(File.Exists(full), "needs /dev/full");
        using var store = new FileStore(File.OpenHandle(full, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite), full);
        using NativeBuffer frame = Random(5000, 1);
        FrameLostException error = Assert.Throws<FrameLostException>(() => store.Put(frame.Bytes));
        Assert.IsAssignableFrom<IOException>(error.InnerException);
        Assert.Equal(0, store.HeldBytes);
    }
}
