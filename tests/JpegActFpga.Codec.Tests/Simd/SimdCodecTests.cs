using CsCheck;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>What the vector codec owes beyond the backends' contract: bounds on both sides, any number of threads, no garbage, cancellation.</summary>
public class SimdCodecTests
{
    private static readonly CodecMethod[] Methods = Enum.GetValues<CodecMethod>();

    public static TheoryData<CodecIsa> Isas =>
        [.. Enum.GetValues<CodecIsa>().Where(isa => CodecIsas.IsSupported(isa == CodecIsa.Avx512 ? CodecIsa.Avx2 : isa))];

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Isas))]
    public void Nothing_outside_source_frame_or_destination_is_read_or_written(CodecIsa isa)
    {
        var codec = new SimdCodec(isa, threads: 1, evenIfEmulated: true);
        TensorPattern[] patterns = [TensorPattern.Normal, TensorPattern.Smooth, TensorPattern.AllZero, TensorPattern.AlternatingExtremes];
        CodecCases.Of(CodecCases.Profiles(Methods), CodecCases.Shapes(6000), patterns)
            .Sample(@case => BetweenFences(codec, @case, atEnd: true), iter: 300, threads: 1);
        CodecCases.Of(CodecCases.Profiles(Methods), CodecCases.Shapes(6000), patterns)
            .Sample(@case => BetweenFences(codec, @case, atEnd: false), iter: 100, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Isas))]
    public void Frames_and_elements_are_the_same_for_any_number_of_threads(CodecIsa isa)
    {
        Assert.SkipWhen(isa == CodecIsa.Scalar, "The reference has one thread.");
        foreach (CodecMethod method in Methods)
        {
            var @case = new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(5, 24, 57, 29)), CallGarbage.ProfileOf(method), TensorPattern.Smooth, Seed: 3);
            (byte[] Frame, byte[] Elements) expected = RoundTrip(new SimdCodec(isa, 1, evenIfEmulated: true), @case);
            for (int threads = 2; threads <= 8; threads++)
            {
                var codec = new SimdCodec(isa, threads, evenIfEmulated: true);
                for (int again = 0; again < 3; again++)
                {
                    (byte[] frame, byte[] elements) = RoundTrip(codec, @case);
                    Assert.True(expected.Frame.AsSpan().SequenceEqual(frame), $"{@case}: {threads} threads give another frame.");
                    Assert.True(expected.Elements.AsSpan().SequenceEqual(elements), $"{@case}: {threads} threads give other elements.");
                }
            }
        }
    }

    [Fact]
    public async Task Calls_at_the_same_time_do_not_disturb_each_other()
    {
        var codec = new SimdCodec(CodecIsas.Best, threads: 3);
        var cases = Methods.Select(method => new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(4, 16, 60, 61)), CallGarbage.ProfileOf(method), TensorPattern.Relu, Seed: (int)method)).ToArray();
        (byte[] Frame, byte[] Elements)[] expected = [.. cases.Select(@case => RoundTrip(codec, @case))];
        await Parallel.ForAsync(0, 40, TestToken, (i, _) =>
        {
            (byte[] frame, byte[] elements) = RoundTrip(codec, cases[i % cases.Length]);
            Assert.Equal(expected[i % cases.Length].Frame, frame);
            Assert.Equal(expected[i % cases.Length].Elements, elements);
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void A_call_on_one_thread_allocates_nothing()
    {
        var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        foreach (CodecMethod method in Methods)
        {
            long allocated = CallGarbage.Measure(backend, method, GC.GetAllocatedBytesForCurrentThread);
            Assert.Equal(0, allocated);
        }
    }

    [Fact]
    public void A_call_on_several_threads_leaves_no_garbage_behind()
    {
        // In a process of its own: the count over all threads would include what other tests do meanwhile.
        IsaChoiceTests.Child(IsaChild.NoGarbage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_call_under_way_can_be_cancelled_and_the_codec_stays_usable(int threads)
    {
        var codec = new SimdCodec(CodecIsas.Best, threads);
        var spec = new TensorSpec(ElementType.Float32, new TensorShape(64, 64, 64, 64));
        CodecProfile profile = CallGarbage.ProfileOf(CodecMethod.JpegAct);
        using var tensor = new NativeBuffer(spec.ByteCount);
        tensor.Bytes.Clear();
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        var view = new TensorView(spec, tensor.Bytes);
        long frameBytes = codec.Encode(view, profile, room.Bytes, TestToken).FrameBytes;
        FrameReader frame = FrameReader.Open(room.Bytes.Slice(0, frameBytes));
        using var other = new NativeBuffer(room.ByteLength);
        await CancelWithin(token => codec.Encode(view, profile, other.Bytes, token));
        await CancelWithin(token => codec.Decode(frame, view, token));

        var @case = new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(5, 24, 57, 29)), profile, TensorPattern.Smooth, Seed: 3);
        Assert.Equal(ReferenceFrame(@case), RoundTrip(codec, @case).Frame);
    }

    // Repeats a call until the token ends it: sooner or later it falls into the middle of one.
    private static async Task CancelWithin(Action<CancellationToken> call)
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
        await Task.Run(
            () => Assert.ThrowsAny<OperationCanceledException>(() =>
            {
                for (int i = 0; i < 10_000; i++)
                {
                    call(source.Token);
                }
            }),
            TestToken).WaitAsync(TimeSpan.FromSeconds(60), TestToken);
    }

    private static byte[] ReferenceFrame(CodecCase @case) => RoundTrip(new SimdCodec(CodecIsa.Scalar, 1), @case).Frame;

    private static void BetweenFences(SimdCodec codec, CodecCase @case, bool atEnd)
    {
        int elementBytes = @case.Spec.ElementType.ByteSize();
        using var source = new FencedMemory(@case.Spec.ByteCount, atEnd, elementBytes);
        @case.MakeTensor().CopyTo(source.Bytes.AsSpan(0, (int)source.Bytes.Length));
        using var room = new FencedMemory(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile), atEnd, alignment: 8);
        CompressResult result = codec.Encode(new TensorView(@case.Spec, source.Bytes), @case.Profile, room.Bytes, TestToken);

        using var fenced = new FencedMemory(result.FrameBytes, atEnd: false, alignment: 8);
        using var fencedAtEnd = new FencedMemory((result.FrameBytes + 7) / 8 * 8, atEnd: true, alignment: 8);
        NativeSpan<byte> frame = (atEnd ? fencedAtEnd : fenced).Bytes.Slice(0, result.FrameBytes);
        room.Bytes.Slice(0, result.FrameBytes).CopyTo(frame);
        FrameReader reader = FrameReader.Open(frame);
        using var destination = new FencedMemory(@case.Spec.ByteCount, atEnd, elementBytes);
        codec.Decode(reader, new TensorView(@case.Spec, destination.Bytes), TestToken);
    }

    private static (byte[] Frame, byte[] Elements) RoundTrip(SimdCodec codec, CodecCase @case)
    {
        using GuardedBuffer source = GuardedBuffer.Of(@case.MakeTensor());
        using var room = new GuardedBuffer(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile));
        CompressResult result = codec.Encode(new TensorView(@case.Spec, source.Bytes), @case.Profile, room.Bytes, TestToken);
        using var expanded = new GuardedBuffer(@case.Spec.ByteCount);
        codec.Decode(FrameReader.Open(room.Bytes.Slice(0, result.FrameBytes)), new TensorView(@case.Spec, expanded.Bytes), TestToken);
        room.DemandIntactGuards();
        expanded.DemandIntactGuards();
        return (room.ToArray(result.FrameBytes), expanded.ToArray());
    }
}
