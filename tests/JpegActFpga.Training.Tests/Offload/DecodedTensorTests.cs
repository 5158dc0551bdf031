using System.Runtime.InteropServices;
using JpegActFpga.Codec;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Offload;

/// <summary>What the backward pass gets is what the reference model decodes, and what is held is what is stated.</summary>
public sealed class DecodedTensorTests
{
    private static readonly JpegActPolicy Policy = new(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1);

    [Theory]
    [MemberData(nameof(TestNets.Names), MemberType = typeof(TestNets))]
    public void Every_decoded_tensor_is_what_the_reference_decodes(string name)
    {
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(Policy, [new CpuBackend()], store);
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create(name);
        var hooks = new ComparingHooks(new ActivationOffload(engine));
        _ = Gradients.Of(model, input, labels, hooks);
        Assert.True(hooks.Values >= 4 && hooks.Masks >= 1, $"{hooks.Values} tensors of values and {hooks.Masks} masks were compared");
    }

    [Fact]
    public void Held_memory_is_what_the_statistics_say()
    {
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(Policy, [new CpuBackend()], store);
        var offload = new ActivationOffload(engine);
        using Tensor input = randn(32, 3, 64, 64);
        using Module<Tensor, Tensor> model = Sequential(
            ("conv1", Conv2d(3, 16, 3, padding: 1)), ("bn1", BatchNorm2d(16)), ("relu1", ReLU()), ("conv2", Conv2d(16, 16, 3, padding: 1)), ("relu2", ReLU()));

        // Once for pools and caches, which live on.
        _ = GrowthOfForward(model, input, offload, out _);
        long growth = GrowthOfForward(model, input, offload, out long held);
        long plain = GrowthOfForward(model, input, null, out _);
        Assert.True(Math.Abs(growth - held) < (held / 20) + 65_536, $"{growth} bytes more are held, the statistics say {held}");
        Assert.True(plain > 4 * growth, $"{plain} bytes held without compression, {growth} with");
    }

    private static long GrowthOfForward(Module<Tensor, Tensor> model, Tensor input, ActivationOffload? offload, out long held)
    {
        using DisposeScope scope = NewDisposeScope();
        long before = ProcessMemory.LiveBytes();
        Tensor loss = Forward(model, input, offload);
        long growth = ProcessMemory.LiveBytes() - before;
        held = offload?.Statistics.HeldBytes ?? 0;
        if (offload is null)
        {
            loss.backward();
        }
        else
        {
            SavedTensorsHooks.Backward(loss, offload);
        }

        return growth;
    }

    private static Tensor Forward(Module<Tensor, Tensor> model, Tensor input, ActivationOffload? offload)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? hooked = offload is null ? null : SavedTensorsHooks.Use(offload);
        return model.call(input).sum().MoveToOuterDisposeScope();
    }

    /// <summary>Passes everything to an offload and checks what comes back, bit for bit.</summary>
    private sealed class ComparingHooks(ActivationOffload inner) : ISavedTensorHooks
    {
        private readonly Dictionary<object, byte[]> _expected = new(ReferenceEqualityComparer.Instance);

        internal int Values { get; private set; }

        internal int Masks { get; private set; }

        public object? Pack(in SavedTensorInfo info, Tensor tensor)
        {
            object? packed = inner.Pack(info, tensor);

            // A view may share the frame of its base, whose blocks lie otherwise.
            if (packed is not null && info.ElementType == ScalarType.Float32 && info.IsContiguous && !info.IsView)
            {
                _expected[packed] = info.IsReluOutputOfItself ? Mask(tensor) : RoundTrip(tensor, info.Shape);
                (Values, Masks) = info.IsReluOutputOfItself ? (Values, Masks + 1) : (Values + 1, Masks);
            }

            return packed;
        }

        public Tensor Unpack(object packed)
        {
            Tensor tensor = inner.Unpack(packed);
            if (_expected.TryGetValue(packed, out byte[]? expected))
            {
                Assert.True(Gradients.Bytes(tensor).AsSpan().SequenceEqual(expected), "a decoded tensor differs from the reference's");
            }

            return tensor;
        }

        public void Release(object packed) => inner.Release(packed);

        private static byte[] Mask(Tensor tensor) =>
            MemoryMarshal.AsBytes<float>(Array.ConvertAll(MemoryMarshal.Cast<byte, float>(Gradients.Bytes(tensor)).ToArray(), x => x <= 0 ? 0f : 1f)).ToArray();

        private static byte[] RoundTrip(Tensor tensor, IReadOnlyList<long> shape)
        {
            var spec = new TensorSpec(ElementType.Float32, new TensorShape([.. shape]));
            CodecProfile profile = Policy.Choose(spec, ActivationUse.DenseValues)!;
            using var elements = new NativeBuffer(spec.ByteCount);
            using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
            Gradients.Bytes(tensor).CopyTo(elements.Bytes.AsSpan(0, (int)spec.ByteCount));
            var view = new TensorView(spec, elements.Bytes);
            CompressResult result = ReferenceCodec.Encode(view, profile, frame.Bytes);
            ReferenceCodec.Decode(FrameReader.Open(frame.Bytes.Slice(0, result.FrameBytes)), view);
            return elements.Bytes.AsSpan(0, (int)spec.ByteCount).ToArray();
        }
    }
}
