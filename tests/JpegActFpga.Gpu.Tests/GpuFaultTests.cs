using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Tests.Support;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Gpu.Tests;

/// <summary>What happens when the GPU fails: a clear error or the next backend, never wrong bytes, and nothing left behind.</summary>
[Collection(GpuTestGroup.Name)]
public sealed class GpuFaultTests : IDisposable
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(2, 3, 40, 40));
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);

    public GpuFaultTests()
    {
        Support.Gpu.SkipUnlessEmulated();
        Support.Gpu.Reset();
    }

    public static TheoryData<string> CallFaults => ["alloc", "launch", "launch@1", "launch@2", "launch@3", "copy", "copy@1", "copy@2", "copy@3", "event", "event@1", "event@2"];

    public void Dispose() => Support.Gpu.Reset();

    [Theory]
    [MemberData(nameof(CallFaults))]
    public async Task A_call_that_fails_at_any_step_fails_the_tensor_and_the_next_one_is_right(string fault)
    {
        long leaked = CudaContext.LeakedObjects;
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions { Lanes = 1 });
        Support.Gpu.SetFaults(fault);
        using GuardedBuffer tensor = MakeTensor(1);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        BackendException error = await Assert.ThrowsAsync<BackendException>(async () => await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken));
        Assert.Equal(1, Support.Gpu.Hits(fault.Split('@')[0]));
        Assert.Contains("CUDA_ERROR_", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(BackendFailure.DeviceLost, error.Failure);

        CompressResult again = await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken);
        Assert.Equal(Reference(tensor), frame.ToArray(again.FrameBytes));
        Assert.Equal(leaked, CudaContext.LeakedObjects);
    }

    [Theory]
    [InlineData("illegal", "CUDA_ERROR_ILLEGAL_ADDRESS (700)")]
    [InlineData("illegal=719", "CUDA_ERROR_LAUNCH_FAILED (719)")]
    [InlineData("illegal=214", "CUDA_ERROR_ECC_UNCORRECTABLE (214)")]
    [InlineData("lost", "CUDA_ERROR_UNKNOWN (999)")]
    [InlineData("lost@2", "CUDA_ERROR_UNKNOWN (999)")]
    public async Task An_error_that_is_reported_later_loses_the_device_and_every_later_call_says_so(string fault, string name)
    {
        long leakedBefore = CudaContext.LeakedObjects;
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions { Lanes = 2 });
        Support.Gpu.SetFaults(fault);
        using GuardedBuffer tensor = MakeTensor(2);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        for (int call = 0; call < 4; call++)
        {
            BackendException error = await Assert.ThrowsAsync<BackendException>(async () => await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken));
            Assert.Equal(BackendFailure.DeviceLost, error.Failure);
            Assert.Contains(call < 2 ? name : "is lost or hangs", error.Message, StringComparison.Ordinal);
        }

        Assert.True(gpu.Context.IsLost);
        Assert.True(CudaContext.LeakedObjects > leakedBefore, "What a lost GPU holds is given up and counted.");
    }

    [Fact]
    public async Task A_GPU_that_hangs_costs_the_lane_that_waits_and_not_the_others()
    {
        bool hanging = true;
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions { Lanes = 2, WaitLimitNow = () => hanging ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(60) });
        Support.Gpu.SetFaults("hang");
        using GuardedBuffer tensor = MakeTensor(3);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        BackendException error = await Assert.ThrowsAsync<BackendException>(async () => await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken));
        Assert.Equal(BackendFailure.DeviceFault, error.Failure);
        Assert.Contains("did not end its work within 0.3 s", error.Message, StringComparison.Ordinal);
        hanging = false;
        for (int call = 0; call < 3; call++)
        {
            CompressResult result = await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken);
            Assert.Equal(Reference(tensor), frame.ToArray(result.FrameBytes));
        }
    }

    [Theory]
    [InlineData("init", "cuInit", 100)]
    [InlineData("context", "cuDevicePrimaryCtxRetain", 101)]
    [InlineData("module", "cuModuleLoadDataEx", 218)]
    [InlineData("host_alloc", "cuMemHostAlloc", 2)]
    [InlineData("host_alloc@3", "cuMemHostAlloc", 2)]
    public void Opening_that_fails_says_which_call_and_leaves_nothing_open(string fault, string function, int result)
    {
        long before = Support.Gpu.LiveObjects;
        Support.Gpu.SetFaults(fault);
        Exception error = Assert.ThrowsAny<Exception>(() => GpuBackend.Open(new GpuOptions { Lanes = 2 }));
        Assert.True(error is CudaException or CudaNotAvailableException);
        Assert.Contains(function, error.Message, StringComparison.Ordinal);
        Assert.Contains($"({result})", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Support.Gpu.LiveObjects);
    }

    [Fact]
    public async Task All_objects_are_destroyed_by_their_owner()
    {
        long before = Support.Gpu.LiveObjects;
        long kernels = Support.Gpu.KernelsRun;
        GpuBackend gpu = GpuBackend.Open();
        using GuardedBuffer tensor = MakeTensor(4);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        CompressResult result = await gpu.CompressAsync(View(tensor), Profile, frame.Bytes, TestContext.Current.CancellationToken);
        await gpu.ExpandAsync(FrameReader.Open(frame.Bytes.Slice(0, result.FrameBytes)), View(tensor), TestContext.Current.CancellationToken);
        Assert.True(Support.Gpu.LiveObjects > before);
        await gpu.DisposeAsync();
        Assert.Equal(before, Support.Gpu.LiveObjects);

        // Scan, scales, encode, checksums; decode.
        Assert.Equal(5, Support.Gpu.KernelsRun - kernels);
    }

    [Fact]
    public async Task The_finaliser_frees_no_device_memory_and_counts_what_was_forgotten()
    {
        await using GpuBackend gpu = GpuBackend.Open();
        long live = Support.Gpu.LiveObjects;
        long leaked = CudaContext.LeakedObjects;
        Forget(gpu.Context);
        for (int i = 0; i < 50 && CudaContext.LeakedObjects == leaked; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(leaked + 1, CudaContext.LeakedObjects);
        Assert.Equal(live + 1, Support.Gpu.LiveObjects);
    }

    [Theory]
    [InlineData("copy*forever")]
    [InlineData("alloc*forever")]
    [InlineData("corrupt@1*forever")] // the status arrives, the frame is damaged on the link
    [InlineData("launch@1*forever")]
    public async Task Training_goes_on_by_the_processor_with_the_same_frames(string fault)
    {
        await using GpuBackend gpu = GpuBackend.Open();
        await using var cpu = new CpuBackend();
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(new JpegActPolicy(Profile), [gpu, cpu], store, new ResilienceOptions { Retries = 0 }, options: new OffloadEngineOptions { Overlap = OverlapMode.Off });
        for (int i = 0; i < 6; i++)
        {
            Support.Gpu.SetFaults(fault);
            using GuardedBuffer tensor = MakeTensor(10 + i);
            using OffloadTicket ticket = engine.Stash(View(tensor), ActivationUse.DenseValues, TestContext.Current.CancellationToken)!;
            Support.Gpu.SetFaults(string.Empty);
            using var decoded = new GuardedBuffer(Spec.ByteCount);
            engine.Take(ticket, View(decoded), TestContext.Current.CancellationToken);
            Assert.Equal(Reference(tensor).Length, ticket.FrameBytes);
            Assert.Equal(ReferenceDecoded(tensor), decoded.ToArray());
        }

        Assert.NotEmpty(engine.Statistics.Fallbacks);
        Assert.All(engine.Statistics.Fallbacks, fallback => Assert.Equal(("gpu", "cpu"), (fallback.From, fallback.To)));
    }

    [Fact]
    public async Task A_device_tensor_goes_through_host_memory_where_the_kernels_fail()
    {
        await using GpuBackend gpu = GpuBackend.Open();
        await using var cpu = new HostCopyBackend(new CpuBackend(), gpu.Context, new GpuOptions());
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(new JpegActPolicy(Profile), [gpu, cpu], store, new ResilienceOptions { Retries = 0 }, options: new OffloadEngineOptions { Overlap = OverlapMode.Off });
        using GuardedBuffer tensor = MakeTensor(20);
        using var device = new DeviceTensor(gpu.Context, Spec);
        device.Write(tensor.Bytes);
        Support.Gpu.SetFaults("launch*forever");
        using OffloadTicket ticket = engine.Stash(device.View, ActivationUse.DenseValues, TestContext.Current.CancellationToken)!;
        engine.Take(ticket, device.View, TestContext.Current.CancellationToken);
        using var decoded = new GuardedBuffer(Spec.ByteCount);
        device.Read(decoded.Bytes);
        Assert.Equal(ReferenceDecoded(tensor), decoded.ToArray());
        Assert.NotEmpty(engine.Statistics.Fallbacks);
    }

    [Fact]
    public async Task A_device_tensor_of_a_lost_GPU_ends_in_a_message_that_says_so()
    {
        await using GpuBackend gpu = GpuBackend.Open();
        await using var cpu = new HostCopyBackend(new CpuBackend(), gpu.Context, new GpuOptions());
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(new JpegActPolicy(Profile), [gpu, cpu], store, options: new OffloadEngineOptions { Overlap = OverlapMode.Off });
        using var device = new DeviceTensor(gpu.Context, Spec);
        Support.Gpu.SetFaults("illegal");
        BackendException error = Assert.Throws<BackendException>(() => engine.Stash(device.View, ActivationUse.DenseValues, TestContext.Current.CancellationToken));
        Assert.Equal(BackendFailure.DeviceLost, error.Failure);
        Assert.Contains("which is lost", error.Message, StringComparison.Ordinal);
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS", error.Message, StringComparison.Ordinal);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(CudaContext context) => _ = new CudaDeviceMemory(context, 1000);

    private static GuardedBuffer MakeTensor(int seed) => GuardedBuffer.Of(TensorFiller.Make(Spec, TensorPattern.Smooth, Profile.FullScale, seed));

    private static TensorView View(GuardedBuffer tensor) => new(Spec, tensor.Bytes);

    private static byte[] Reference(GuardedBuffer tensor)
    {
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        return frame.ToArray(ReferenceCodec.Encode(View(tensor), Profile, frame.Bytes).FrameBytes);
    }

    private static byte[] ReferenceDecoded(GuardedBuffer tensor)
    {
        using GuardedBuffer frame = GuardedBuffer.Of(Reference(tensor));
        using var decoded = new GuardedBuffer(Spec.ByteCount);
        ReferenceCodec.Decode(FrameReader.Open(frame.Bytes), View(decoded));
        return decoded.ToArray();
    }
}
