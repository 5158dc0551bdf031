using JpegActFpga.Core.Memory;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Stores;

/// <summary>Places of frames: they never overlap, whatever the order, and what was given back is taken again.</summary>
public sealed class FrameArenaTests
{
    [Fact]
    public void Places_of_any_order_do_not_overlap_and_keep_what_is_written()
    {
        using var arena = new FrameArena();
        var random = new Random(7);
        List<(NativeSpan<byte> Place, byte Mark)> taken = [];
        for (int i = 0; i < 4000; i++)
        {
            if (taken.Count > 60 || (taken.Count > 0 && random.Next(2) == 0))
            {
                int index = random.Next(taken.Count);
                Demand(taken[index]);
                arena.Give(taken[index].Place.Address);
                taken.RemoveAt(index);
                continue;
            }

            NativeSpan<byte> place = arena.Take(1 + random.Next(300_000));
            Assert.Equal(0, place.Address % NativeBuffer.LineBytes);
            if (random.Next(3) != 0)
            {
                long kept = 1 + random.NextInt64(place.Length);
                arena.Shrink(place.Address, kept);
                place = place.Slice(0, kept);
            }

            place.AsSpan(0, (int)place.Length).Fill((byte)i);
            taken.Add((place, (byte)i));
        }

        taken.ForEach(Demand);
        taken.ForEach(t => arena.Give(t.Place.Address));
    }

    [Fact]
    public void A_step_after_the_other_finds_its_places_where_they_were()
    {
        using var arena = new FrameArena();
        List<nint> first = Step(arena);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(first, Step(arena));
        }

        Assert.Equal(1, arena.Regions);
    }

    [Fact]
    public void A_shrunk_place_ends_where_the_next_one_begins_and_the_lowest_gap_that_is_large_enough_is_taken()
    {
        using var arena = new FrameArena();
        nint a = arena.Take(1000).Address;
        arena.Shrink(a, 65);
        nint b = arena.Take(1000).Address;
        Assert.Equal(a + 128, b);
        nint c = arena.Take(64).Address;
        arena.Give(a);
        Assert.Equal(c + 64, arena.Take(129).Address);
        Assert.Equal(a, arena.Take(128).Address);
    }

    [Fact]
    public void A_region_that_one_step_did_not_need_goes_back()
    {
        using var arena = new FrameArena();
        nint small = arena.Take(100).Address;
        nint large = arena.Take(FrameArena.RegionBytes).Address;
        Assert.Equal(2, arena.Regions);
        arena.Give(large);
        arena.Give(small);
        Assert.Equal(2, arena.Regions);
        arena.Give(arena.Take(100).Address);
        Assert.Equal(1, arena.Regions);

        // One that is too small for the next place is not in its way.
        NativeSpan<byte> larger = arena.Take(FrameArena.RegionBytes + 1);
        larger[FrameArena.RegionBytes] = 1;
        arena.Give(larger.Address);
    }

    [Fact]
    public void A_disposed_arena_keeps_the_regions_that_are_in_use_and_gives_no_more()
    {
        var arena = new FrameArena();
        NativeSpan<byte> place = arena.Take(100);
        nint large = arena.Take(FrameArena.RegionBytes).Address;
        arena.Give(large);
        arena.Dispose();
        Assert.Equal(1, arena.Regions);
        place.Clear();
        Assert.Throws<ObjectDisposedException>(() => arena.Take(1));
        arena.Give(place.Address);
        Assert.Equal(0, arena.Regions);
    }

    [Fact]
    public void What_is_no_place_is_named()
    {
        using var arena = new FrameArena();
        nint place = arena.Take(1000).Address;
        Assert.Contains($"0x{place - 1:x}", Assert.Throws<ArgumentException>(() => arena.Give(place - 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => arena.Give(place + 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Shrink(place, 2000));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Take(0));
    }

    // Forward: each place is shrunk before the next is taken; backward: they go in reverse.
    private static List<nint> Step(FrameArena arena)
    {
        List<nint> places = [];
        for (int i = 0; i < 40; i++)
        {
            places.Add(arena.Take(1_000_000).Address);
            arena.Shrink(places[i], 1000 * (i + 1));
        }

        for (int i = places.Count - 1; i >= 0; i--)
        {
            arena.Give(places[i]);
        }

        return places;
    }

    private static void Demand((NativeSpan<byte> Place, byte Mark) taken) =>
        Assert.Equal(-1, taken.Place.AsSpan(0, (int)taken.Place.Length).IndexOfAnyExcept(taken.Mark));
}
