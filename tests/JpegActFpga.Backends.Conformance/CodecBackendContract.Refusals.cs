using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Conformance;

/// <summary>Calls that a backend must refuse, and that must leave it usable.</summary>
public abstract partial class CodecBackendContract
{
    private static readonly TensorSpec SmallSpec = new(ElementType.Float32, new TensorShape(2, 3, 8, 8));

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Methods_it_does_not_list_are_refused_and_the_listed_ones_named()
    {
        await using ICodecBackend backend = Create();
        CodecMethod[] unlisted = [.. Enum.GetValues<CodecMethod>().Except(backend.Capabilities.Methods)];
        Assert.SkipWhen(unlisted.Length == 0, "The backend lists every method.");
        foreach (CodecMethod method in unlisted)
        {
            CodecCase @case = Small(method);
            ArgumentException compressing = await Assert.ThrowsAnyAsync<ArgumentException>(() => Compress(backend, @case));
            ArgumentException expanding = await Assert.ThrowsAnyAsync<ArgumentException>(() => Expand(backend, @case));
            foreach (CodecMethod listed in backend.Capabilities.Methods)
            {
                Assert.Contains(listed.DisplayName(), compressing.Message, StringComparison.Ordinal);
                Assert.Contains(listed.DisplayName(), expanding.Message, StringComparison.Ordinal);
            }
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Memory_it_does_not_list_is_refused()
    {
        await using ICodecBackend backend = Create();
        MemoryKind[] unlisted = [.. Enum.GetValues<MemoryKind>().Where(kind => (kind & backend.Capabilities.Memory) == 0)];
        Assert.NotEmpty(unlisted);
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            foreach (MemoryKind memory in unlisted)
            {
                await Assert.ThrowsAnyAsync<ArgumentException>(() => Compress(backend, Small(method), memory: memory));
                await Assert.ThrowsAnyAsync<ArgumentException>(() => Expand(backend, Small(method), memory: memory));
            }
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_destination_with_less_room_than_the_largest_frame_is_refused_whatever_the_tensor_holds()
    {
        await using ICodecBackend backend = Create();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            // All zeros: the frame would fit, but whether a call succeeds must not depend on the data.
            long needed = FrameLayout.MaxFrameBytes(SmallSpec, ProfileOf(method));
            foreach (long room in new[] { 0, 127, 128, needed - 1 })
            {
                await Assert.ThrowsAnyAsync<ArgumentException>(() => Compress(backend, Small(method), room: room));
            }
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_misaligned_destination_is_refused()
    {
        await using ICodecBackend backend = Create();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Compress(backend, Small(method), shift: 4));
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_destination_of_another_shape_or_type_is_refused_and_left_alone()
    {
        await using ICodecBackend backend = Create();
        TensorSpec[] others =
        [
            new(ElementType.Float32, new TensorShape(3, 2, 8, 8)),
            new(ElementType.Float32, new TensorShape(6, 64)),
            new(ElementType.Float32, new TensorShape(2, 3, 8, 7)),
            new(ElementType.Float16, SmallSpec.Shape),
            new(ElementType.BFloat16, new TensorShape(4, 3, 8, 8)),
        ];
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            foreach (TensorSpec other in others)
            {
                await Assert.ThrowsAnyAsync<ArgumentException>(() => Expand(backend, Small(method), into: other));
            }
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Missing_arguments_are_refused()
    {
        await using ICodecBackend backend = Create();
        using var memory = new GuardedBuffer(SmallSpec.ByteCount);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(SmallSpec, CodecProfile.Raw));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await backend.CompressAsync(new TensorView(SmallSpec, memory.Bytes), null!, frame.Bytes, TestToken));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await backend.ExpandAsync(null!, new TensorView(SmallSpec, memory.Bytes), TestToken));
        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_call_cancelled_before_it_starts_does_nothing()
    {
        await using ICodecBackend backend = Create();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Compress(backend, Small(method), cancellationToken: cancelled.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Expand(backend, Small(method), cancellationToken: cancelled.Token));
        }

        await DemandStillWorks(backend);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Tiles_that_nobody_has_checked_are_checked_by_the_call()
    {
        await using ICodecBackend backend = Create();
        var spec = new TensorSpec(ElementType.Float32, new TensorShape(2, 3, 40, 40)); // three tiles
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            var @case = new CodecCase(spec, ProfileOf(method), TensorPattern.Normal, Seed: 11);
            byte[] frame = BackendCalls.Reference(@case, @case.MakeTensor()).Frame;
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            using var destination = new GuardedBuffer(spec.ByteCount);
            var reader = new FrameReader();
            reader.Reopen(memory.Bytes, tilesLater: true);
            await backend.ExpandAsync(reader, new TensorView(spec, destination.Bytes), TestToken);
            byte[] expanded = destination.ToArray();
            (long masks, long values) = (reader.Layout.MaskBytes, reader.Header.ValueBytes);
            long[] damage = [.. new[] { 0, masks / 2, masks - 1 }.Where(_ => masks > 0).Select(at => reader.Layout.MasksOffset + at), .. new[] { 0, values / 2, values - 1 }.Where(_ => values > 0).Select(at => reader.Layout.ValuesOffset + at)];
            Assert.NotEmpty(damage);
            foreach (long at in damage)
            {
                memory.Bytes[at] ^= 0x10;
                reader.Reopen(memory.Bytes, tilesLater: true);
                await Assert.ThrowsAsync<InvalidFrameException>(async () => await backend.ExpandAsync(reader, new TensorView(spec, destination.Bytes), TestToken));
                memory.Bytes[at] ^= 0x10;
            }

            reader.Reopen(memory.Bytes, tilesLater: true);
            await backend.ExpandAsync(reader, new TensorView(spec, destination.Bytes), TestToken);
            Assert.Equal(expanded, destination.ToArray());
            destination.DemandIntactGuards();
            memory.DemandIntactGuards();
        }
    }

    private static CodecCase Small(CodecMethod method) => new(SmallSpec, ProfileOf(method), TensorPattern.AllZero, Seed: 0);

    /// <summary>Compresses into memory that must come out of a refused call untouched on both sides.</summary>
    private static async Task Compress(ICodecBackend backend, CodecCase @case, long? room = null, int shift = 0, MemoryKind memory = MemoryKind.Host, CancellationToken? cancellationToken = null)
    {
        using GuardedBuffer source = GuardedBuffer.Of(@case.MakeTensor());
        using var destination = new GuardedBuffer(room ?? FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile), shift);
        try
        {
            await backend.CompressAsync(new TensorView(@case.Spec, source.Bytes, memory), @case.Profile, destination.Bytes, cancellationToken ?? TestToken);
        }
        finally
        {
            destination.DemandIntactGuards();
            source.DemandIntactGuards();
        }
    }

    /// <summary>Expands into a destination that a refused call must leave as it was.</summary>
    private static async Task Expand(ICodecBackend backend, CodecCase @case, TensorSpec? into = null, MemoryKind memory = MemoryKind.Host, CancellationToken? cancellationToken = null)
    {
        using GuardedBuffer source = GuardedBuffer.Of(BackendCalls.Reference(@case, @case.MakeTensor()).Frame);
        TensorSpec spec = into ?? @case.Spec;
        using var destination = new GuardedBuffer(spec.ByteCount);
        byte[] before = destination.ToArray();
        try
        {
            await backend.ExpandAsync(FrameReader.Open(source.Bytes), new TensorView(spec, destination.Bytes, memory), cancellationToken ?? TestToken);
        }
        catch
        {
            Assert.Equal(before, destination.ToArray());
            throw;
        }
        finally
        {
            destination.DemandIntactGuards();
        }
    }

    private static async Task DemandStillWorks(ICodecBackend backend)
    {
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            var @case = new CodecCase(SmallSpec, ProfileOf(method), TensorPattern.Normal, Seed: 7);
            await BackendCalls.DemandSameFrame(backend, @case, TestToken);
            await BackendCalls.DemandSameElements(backend, BackendCalls.Reference(@case, @case.MakeTensor()).Frame, @case.ToString(), TestToken);
        }
    }
}
