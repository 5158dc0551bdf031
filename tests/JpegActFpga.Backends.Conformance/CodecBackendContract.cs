using CsCheck;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Conformance;

/// <summary>What every <see cref="ICodecBackend"/> owes its callers. Inherit it in a test project and say how to make the backend.</summary>
/// <remarks>Each test makes its own backend and disposes it. The judge is the reference codec, and bytes must be equal.</remarks>
public abstract partial class CodecBackendContract
{
    /// <summary>Bound on each test: a backend that hangs fails, and does not hang the run.</summary>
    protected const int TimeoutMilliseconds = 300_000;

    private const int MaxElements = 10_000;

    /// <summary>Generated cases of each property and method; fewer where the device is slow.</summary>
    protected virtual int CasesPerMethod => 200;

    /// <summary>A tensor of a few hundred blocks up, so that work is split where the backend splits it.</summary>
    protected virtual TensorShape LargerShape => new(3, 40, 56, 56);

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    /// <summary>Makes a backend.</summary>
    /// <returns>The backend, or null and why this machine has none; then the tests are reported as skipped with that text.</returns>
    protected abstract (ICodecBackend? Backend, string? WhyNot) TryCreate();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Capabilities_say_what_the_backend_is_and_stay_the_same()
    {
        await using ICodecBackend backend = Create();
        BackendCapabilities capabilities = backend.Capabilities;
        Assert.Matches("^[a-z][a-z0-9-]*$", capabilities.Name);
        Assert.NotEmpty(capabilities.Device);
        Assert.NotEmpty(capabilities.Methods);
        Assert.All(capabilities.Methods, method => Assert.True(Enum.IsDefined(method)));
        Assert.NotEqual(MemoryKind.None, capabilities.Memory);
        Assert.InRange(capabilities.MaxInFlight, 1, 1024);
        Assert.Equal(capabilities, backend.Capabilities);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Frames_are_the_references_byte_for_byte()
    {
        await using ICodecBackend backend = Create();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            await CodecCases.Of(CodecCases.Profiles(method), CodecCases.Shapes(MaxElements), Enum.GetValues<TensorPattern>())
                .SampleAsync(@case => BackendCalls.DemandSameFrame(backend, @case, TestToken), iter: CasesPerMethod, threads: 1);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_references_frames_expand_to_the_same_bits()
    {
        await using ICodecBackend backend = Create();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            TensorPattern[] finite = [.. Enum.GetValues<TensorPattern>().Where(pattern => pattern != TensorPattern.NonFinite)];
            await CodecCases.Of(CodecCases.Profiles(method), CodecCases.Shapes(MaxElements), finite)
                .SampleAsync(
                    @case => BackendCalls.DemandSameElements(backend, BackendCalls.Reference(@case, @case.MakeTensor()).Frame, @case.ToString(), TestToken),
                    iter: CasesPerMethod,
                    threads: 1);
        }
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_that_no_encoder_makes_expand_to_the_same_bits(bool extremes)
    {
        await using ICodecBackend backend = Create();
        CodecMethod[] methods = [.. backend.Capabilities.Methods.Where(method => method is CodecMethod.JpegAct or CodecMethod.SfprZvc)];
        Assert.SkipWhen(methods.Length == 0, "The backend has no method with masks and values.");
        await CodecCases.Of(CodecCases.Profiles(methods), CodecCases.Shapes(MaxElements), TensorPattern.AllZero)
            .SampleAsync(
                @case => BackendCalls.DemandSameElements(backend, StreamFrames.Make(@case, extremes), @case.ToString(), TestToken),
                iter: CasesPerMethod,
                threads: 1);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_larger_tensor_makes_the_same_round_trip()
    {
        await using ICodecBackend backend = Create();
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            var @case = new CodecCase(new TensorSpec(ElementType.Float32, LargerShape), ProfileOf(method), TensorPattern.Smooth, Seed: 1);
            await BackendCalls.DemandSameFrame(backend, @case, TestToken);
            await BackendCalls.DemandSameElements(backend, BackendCalls.Reference(@case, @case.MakeTensor()).Frame, @case.ToString(), TestToken);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_tensor_with_a_NaN_or_an_infinity_is_stored_as_it_is()
    {
        await using ICodecBackend backend = Create();
        CodecMethod[] scaled = [.. backend.Capabilities.Methods.Where(method => method.HasScales())];
        Assert.SkipWhen(scaled.Length == 0, "The backend has no method with scales.");
        await CodecCases.Of(CodecCases.Profiles(scaled), CodecCases.Shapes(MaxElements).Where(shape => shape.ElementCount > 0), TensorPattern.NonFinite)
            .SampleAsync(
                async @case =>
                {
                    Assert.Equal(CodecMethod.Raw, BackendCalls.Reference(@case, @case.MakeTensor()).Method);
                    await BackendCalls.DemandSameFrame(backend, @case, TestToken);
                },
                iter: 30,
                threads: 1);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Empty_tensors_of_every_rank_make_the_round_trip()
    {
        await using ICodecBackend backend = Create();
        TensorShape[] shapes = [new(0), new(3, 0), new(0, 4, 9), new(2, 3, 0, 5), new(0, 3, 8, 8), new(1, 0, 2, 3, 4)];
        foreach (CodecMethod method in backend.Capabilities.Methods)
        {
            foreach (TensorShape shape in shapes)
            {
                foreach (ElementType type in Enum.GetValues<ElementType>())
                {
                    var @case = new CodecCase(new TensorSpec(type, shape), ProfileOf(method), TensorPattern.AllZero, Seed: 0);
                    await BackendCalls.DemandSameFrame(backend, @case, TestToken);
                    await BackendCalls.DemandSameElements(backend, BackendCalls.Reference(@case, []).Frame, @case.ToString(), TestToken);
                }
            }
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Eight_threads_at_once_get_the_same_bytes()
    {
        const int Threads = 8;
        const int CallsEach = 6;
        await using ICodecBackend backend = Create();
        CodecMethod[] methods = [.. backend.Capabilities.Methods.Order()];
        using var start = new Barrier(Threads);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(
            async () =>
            {
                // Different tensors at the same time: mixing two calls up can't go unseen.
                Assert.True(start.SignalAndWait(TimeSpan.FromMinutes(1), TestToken));
                for (int call = 0; call < CallsEach; call++)
                {
                    CodecMethod method = methods[(thread + call) % methods.Length];
                    var shape = new TensorShape(1 + thread, 3 + call, 13, 9 + thread);
                    var @case = new CodecCase(new TensorSpec(ElementType.Float32, shape), ProfileOf(method), TensorPattern.Normal, (100 * thread) + call);
                    await BackendCalls.DemandSameFrame(backend, @case, TestToken);
                    await BackendCalls.DemandSameElements(backend, BackendCalls.Reference(@case, @case.MakeTensor()).Frame, @case.ToString(), TestToken);
                }
            },
            TestToken)));
    }

    private static CodecProfile ProfileOf(CodecMethod method) => method switch
    {
        CodecMethod.JpegAct => CodecProfile.JpegAct(ShiftTables.OptsHigh, QuantiserRounding.Truncate),
        CodecMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false),
        CodecMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true),
        CodecMethod.Brc => CodecProfile.Brc,
        _ => CodecProfile.Raw,
    };

    private ICodecBackend Create()
    {
        (ICodecBackend? backend, string? whyNot) = TryCreate();
        if (backend is null)
        {
            Assert.False(string.IsNullOrWhiteSpace(whyNot), "A backend that can't be made needs a reason.");
            Assert.Skip(whyNot);
        }

        return backend;
    }
}
