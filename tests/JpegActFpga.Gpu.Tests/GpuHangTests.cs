using JpegActFpga.Backends.Conformance;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>
/// A kernel that never ends: no call of ours waits for it without a limit, also where the driver does by itself (it frees
/// memory after all work in the context).
/// </summary>
[Collection(GpuTestGroup.Name)]
public sealed class GpuHangTests : IDisposable
{
    private static readonly TensorSpec Small = new(ElementType.Float32, new TensorShape(2, 3, 40, 40));
    private static readonly TensorSpec Large = new(ElementType.Float32, new TensorShape(8, 16, 64, 64));
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public GpuHangTests()
    {
        Support.Gpu.SkipUnlessEmulated();
        Support.Gpu.Reset();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Support.Gpu.Reset();

    [Fact]
    public async Task A_lane_that_needs_more_memory_while_another_hangs_is_not_kept_by_the_driver()
    {
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions { Lanes = 2, WaitLimit = Patience });
        await CompressAsync(gpu, Small); // the lane that works next has memory to exchange
        Support.Gpu.SetFaults("hang");
        Task<BackendException> hanging = Task.Run(() => Assert.ThrowsAsync<BackendException>(() => CompressAsync(gpu, Small)), Token);
        Assert.True(SpinWait.SpinUntil(() => Support.Gpu.Hits("hang") == 1, Patience));
        using var second = new DeviceTensor(gpu.Context, Small);
        using var ending = new HangsEnd();

        // The driver's limit ends what would wait for the hanging kernel: its end is not asked for before the test's own.
        gpu.Context.CallLimit = TimeSpan.FromSeconds(0.5);
        Assert.False(gpu.Context.IsLost);
        await Task.Run(second.Dispose, Token).WaitAsync(Patience, Token);
        Assert.True(gpu.Context.IsLost);
        BackendException error = await Assert.ThrowsAsync<BackendException>(() => CompressAsync(gpu, Large));
        Assert.Equal(BackendFailure.DeviceLost, error.Failure);
        Assert.Contains("did not return within 0.5 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(BackendFailure.DeviceLost, (await hanging).Failure);
    }

    [Fact]
    public async Task After_a_wait_that_ended_in_vain_nothing_is_freed_and_closing_does_not_wait()
    {
        long leaked = CudaContext.LeakedObjects;
        bool hanging = false;
        GpuBackend gpu = GpuBackend.Open(new GpuOptions { Lanes = 2, WaitLimitNow = () => hanging ? TimeSpan.FromSeconds(0.3) : Patience });
        await CompressAsync(gpu, Small);
        hanging = true;
        Support.Gpu.SetFaults("hang");
        await Assert.ThrowsAsync<BackendException>(() => CompressAsync(gpu, Small));
        hanging = false;
        Assert.False(gpu.Context.IsLost); // the other lane goes on, with more memory if it needs it
        await CompressAsync(gpu, Large);

        await Task.Run(() => gpu.DisposeAsync().AsTask(), Token).WaitAsync(Patience, Token);
        Assert.True(CudaContext.LeakedObjects > leaked);
    }

    private static async Task CompressAsync(GpuBackend gpu, TensorSpec spec)
    {
        using GuardedBuffer tensor = GuardedBuffer.Of(TensorFiller.Make(spec, TensorPattern.Smooth, Profile.FullScale, 1));
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(spec, Profile));
        await gpu.CompressAsync(new TensorView(spec, tensor.Bytes), Profile, frame.Bytes, Token);
    }
}
