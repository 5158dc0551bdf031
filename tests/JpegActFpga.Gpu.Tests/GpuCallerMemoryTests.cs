using System.Collections.Concurrent;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Launches;
using JpegActFpga.Gpu.Staging;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>Work of the GPU on memory and streams of the caller's: in the caller's order, and never after the caller was told that it ended.</summary>
[Collection(GpuTestGroup.Name)]
public sealed class GpuCallerMemoryTests : IDisposable
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(2, 3, 40, 40));
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    public GpuCallerMemoryTests()
    {
        Support.Gpu.SkipUnlessEmulated();
        Support.Gpu.Reset();
    }

    public void Dispose() => Support.Gpu.Reset();

    [Fact]
    public async Task The_stream_is_asked_on_the_callers_thread_also_where_the_call_has_to_wait_for_a_lane()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var askedOn = new ConcurrentQueue<int>();
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions
        {
            Lanes = 1,
            CallerStream = () =>
            {
                askedOn.Enqueue(Environment.CurrentManagedThreadId);
                return 0;
            },
        });
        using var busy = new DeviceTensor(gpu.Context, Spec);
        using var tensor = new DeviceTensor(gpu.Context, Spec);
        using GuardedBuffer elements = GuardedBuffer.Of(TensorFiller.Make(Spec, TensorPattern.Smooth, Profile.FullScale, 1));
        busy.Write(elements.Bytes);
        tensor.Write(elements.Bytes);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        using var other = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        Support.Gpu.SetFaults("hold");
        Task<CompressResult> first = Task.Run(() => gpu.CompressAsync(busy.View, Profile, other.Bytes, cancellation).AsTask(), cancellation);
        Assert.True(SpinWait.SpinUntil(() => Support.Gpu.Hits("hold") == 1, Patience));

        int here = Environment.CurrentManagedThreadId;
        Task<CompressResult> second = gpu.CompressAsync(tensor.View, Profile, frame.Bytes, cancellation).AsTask();
        Assert.Equal(2, askedOn.Count);
        Assert.Equal(here, askedOn.Last());
        Assert.False(first.IsCompleted || second.IsCompleted);
        Support.Gpu.Release();
        await first;
        CompressResult result = await second;
        Assert.Equal(2, askedOn.Count);
        Assert.Equal(Reference(elements), frame.ToArray(result.FrameBytes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_a_hanging_GPU_may_yet_write_to_the_callers_memory_nothing_goes_on_with_it(bool expand)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        bool hanging = false;
        var options = new GpuOptions { Lanes = 2, WaitLimitNow = () => hanging ? Short : Patience };
        await using GpuBackend gpu = GpuBackend.Open(options);
        await using var throughHost = new HostCopyBackend(new CpuBackend(), gpu.Context, options);
        using var tensor = new DeviceTensor(gpu.Context, Spec);
        var room = new CudaHostMemory(gpu.Context, StagedTensor.BytesNeeded(Spec, StagingFormat.BFloat16, Profile.ScaleMode));
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        CompressResult made = await gpu.CompressAsync(tensor.View, Profile, frame.Bytes, cancellation);
        FrameReader reader = FrameReader.Open(frame.Bytes.Slice(0, made.FrameBytes));

        using var ending = new HangsEnd();
        hanging = true;
        Support.Gpu.SetFaults("hang");
        BackendException error = await Assert.ThrowsAsync<BackendException>(async () =>
        {
            if (expand)
            {
                await gpu.ExpandAsync(reader, tensor.View, cancellation);
            }
            else
            {
                await new GpuStaging(gpu).StageAsync(tensor.View, StagingFormat.BFloat16, Profile, Room(room), cancellation);
            }
        });
        Assert.Equal(BackendFailure.DeviceLost, error.Failure);
        Assert.Contains("did not end its work within 0.3 s", error.Message, StringComparison.Ordinal);
        Assert.True(gpu.Context.IsLost);
        foreach (ICodecBackend backend in new ICodecBackend[] { gpu, throughHost })
        {
            BackendException later = await Assert.ThrowsAsync<BackendException>(async () => await backend.ExpandAsync(reader, tensor.View, cancellation));
            Assert.Equal(BackendFailure.DeviceLost, later.Failure);
            Assert.Contains("may yet write", later.Message, StringComparison.Ordinal);
        }

        room.Leak(); // the copy comes late, as it may on a GPU
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_through_host_memory_does_not_wait_without_end_for_a_stream_that_hangs(bool expand)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using CudaContext context = CudaContext.Open(0);
        using var kernels = new GpuKernels(context);
        using var stream = new CudaStream(context);
        await using var backend = new HostCopyBackend(new CpuBackend(), context, new GpuOptions { WaitLimit = Short, CallerStream = () => stream.Native });
        using var tensor = new DeviceTensor(context, Spec);
        using GuardedBuffer frame = MadeOnTheHost(out long bytes);

        using var ending = new HangsEnd();
        Support.Gpu.SetFaults("hang");
        kernels.Checksum(stream, default); // of no tile: what the kernel does is of no matter
        BackendException error = await Assert.ThrowsAsync<BackendException>(async () =>
        {
            if (expand)
            {
                await backend.ExpandAsync(FrameReader.Open(frame.Bytes.Slice(0, bytes)), tensor.View, cancellation);
            }
            else
            {
                await backend.CompressAsync(tensor.View, Profile, frame.Bytes, cancellation);
            }
        }).WaitAsync(Patience, cancellation);
        Assert.Equal(BackendFailure.DeviceLost, error.Failure);
    }

    private static unsafe NativeSpan<byte> Room(CudaHostMemory memory) => new((byte*)memory.Address, memory.ByteLength);

    private static GuardedBuffer MadeOnTheHost(out long bytes)
    {
        using GuardedBuffer elements = GuardedBuffer.Of(TensorFiller.Make(Spec, TensorPattern.Smooth, Profile.FullScale, 2));
        var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        bytes = ReferenceCodec.Encode(new TensorView(Spec, elements.Bytes), Profile, frame.Bytes).FrameBytes;
        return frame;
    }

    private static byte[] Reference(GuardedBuffer elements)
    {
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        return frame.ToArray(ReferenceCodec.Encode(new TensorView(Spec, elements.Bytes), Profile, frame.Bytes).FrameBytes);
    }
}
