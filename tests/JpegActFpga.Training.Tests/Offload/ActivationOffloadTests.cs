using JpegActFpga.Codec;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Offload;

public sealed class ActivationOffloadTests : IDisposable
{
    private readonly HostMemoryStore _store = new();
    private readonly OffloadEngine _exact;
    private readonly OffloadEngine _lossy;

    public ActivationOffloadTests()
    {
        _exact = new OffloadEngine(new RawPolicy(1), [new CpuBackend()], _store);
        _lossy = new OffloadEngine(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsLow), minElements: 1), [new CpuBackend()], _store);
    }

    public void Dispose()
    {
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
        Assert.Equal(0, _store.HeldBytes);
        _exact.Dispose();
        _lossy.Dispose();
        _store.Dispose();
    }

    [Theory]
    [MemberData(nameof(TestNets.Names), MemberType = typeof(TestNets))]
    public void Offloading_without_loss_leaves_every_gradient_bit_as_it_is(string name)
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create(name);
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);
        ActivationOffload offload = new(_exact);
        Gradients.AssertEqual(plain, Gradients.Of(model, input, labels, offload));
        ActivationOffloadStatistics statistics = offload.Statistics;
        Assert.True(statistics.Treatments[Treatment.Shared].Saves > 0);
        Assert.Equal(0, statistics.HeldBytes);
        Assert.True(statistics.PeakHeldBytes > 0);
        long frames = _exact.Statistics.Methods.Sum(m => m.FrameBytes);
        long narrowed = statistics.Treatments.GetValueOrDefault(Treatment.Narrowed).HeldBytes;
        Assert.Equal(frames + narrowed, statistics.PackedBytes);
        Assert.Equal(statistics.Treatments.ContainsKey(Treatment.Narrowed), name != "resnet20");
    }

    [Theory]
    [MemberData(nameof(TestNets.Names), MemberType = typeof(TestNets))]
    public void Compressed_gradients_point_the_same_way(string name)
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create(name);
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);
        ActivationOffload offload = new(_lossy);
        Dictionary<string, byte[]> compressed = Gradients.Of(model, input, labels, offload);
        Assert.Equal(plain["loss"], compressed["loss"]); // the forward pass is exact
        double dot = 0;
        double a = 0;
        double b = 0;
        foreach (string parameter in plain.Keys.Where(k => k != "loss"))
        {
            float[] x = Floats(plain[parameter]);
            float[] y = Floats(compressed[parameter]);
            dot += x.Zip(y, (p, q) => (double)p * q).Sum();
            a += x.Sum(p => (double)p * p);
            b += y.Sum(p => (double)p * p);
        }

        Assert.InRange(dot / Math.Sqrt(a * b), 0.95, 0.999999999); // close, and really compressed
        Assert.True(offload.CompressionRatio > 3, $"ratio {offload.CompressionRatio}");
    }

    [Fact]
    public void A_relu_costs_one_bit_an_element_and_its_gradient_is_exact()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(16, 8, 32, 32, requires_grad: true);
        Tensor weights = randn(16, 8, 32, 32);
        ActivationOffload offload = new(_lossy);
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            loss = ((x + 0).relu() * weights).sum();
        }

        long elements = 16 * 8 * 32 * 32;
        Assert.Equal(1, offload.Statistics.Treatments[Treatment.ReluSign].Saves);
        Assert.InRange(_store.HeldBytes, elements / 8, (elements / 8) + 2048);
        SavedTensorsHooks.Backward(loss, offload);
        Assert.Equal(Gradients.Bytes(where(x.detach() > 0, weights, zeros_like(weights))), Gradients.Bytes(x.grad!));
    }

    [Fact]
    public void A_tensor_saved_by_three_nodes_is_compressed_and_decoded_once_a_backward_pass()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(4, 4, 8, 8, requires_grad: true);
        ActivationOffload offload = new(_exact);
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            Tensor h = x * 2;
            loss = (h.sin() + h.cos() + h.view(16, 64).exp().view(4, 4, 8, 8) + h.pow(2)).sum();
        }

        // h is saved by sin, cos and pow; exp saves its own result.
        Assert.Equal(2, offload.Statistics.Treatments[Treatment.Values].Saves);
        Assert.Equal(2, offload.Statistics.Treatments[Treatment.Shared].Saves);
        loss.backward(retain_graph: true);
        Assert.Equal(2, Expansions());
        byte[] first = Gradients.Bytes(x.grad!);
        x.grad!.zero_();
        SavedTensorsHooks.Backward(loss, offload);
        Assert.Equal(4, Expansions());
        Assert.Equal(first, Gradients.Bytes(x.grad!));

        long Expansions() => _exact.Statistics.Methods.Sum(m => m.Expansions);
    }

    [Fact]
    public void A_view_of_the_whole_shares_the_stash_in_its_own_shape()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(4, 64, requires_grad: true);
        ActivationOffload offload = new(_exact);
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            Tensor h = x * 2;
            loss = h.sin().sum() + h.view(16, 16).cos().sum();
        }

        Assert.Equal(1, offload.Statistics.Treatments[Treatment.Shared].Saves);
        SavedTensorsHooks.Backward(loss, offload);
        Tensor h2 = x.detach() * 2;
        Assert.Equal(Gradients.Bytes((h2.cos() - h2.sin()) * 2), Gradients.Bytes(x.grad!));
    }

    [Fact]
    public void A_part_and_a_tensor_modified_between_its_saves_are_not_shared()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(64, requires_grad: true);
        ActivationOffload offload = new(_exact);
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            Tensor h = x * 2;
            loss = h.sin().sum() + h.slice(0, 0, 32, 1).sin().sum();
            using (no_grad())
            {
                h.add_(1);
            }

            loss = loss + h.cos().sum();
        }

        Assert.Equal(3, offload.Statistics.Treatments[Treatment.Values].Saves);
        SavedTensorsHooks.Backward(loss, offload);
        Tensor before = x.detach() * 2;
        Tensor part = cat([before.slice(0, 0, 32, 1).cos(), zeros(32)]);
        Tensor expected = (before.cos() + part - (before + 1).sin()) * 2;
        Assert.True((expected - x.grad!).abs().max().item<float>() < 1e-5f); // autograd sums in another order
    }

    [Theory]
    [InlineData("channels last")]
    [InlineData("transposed")]
    public void Other_dense_layouts_come_back_as_they_were(string layout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(2, 3, 8, 4, requires_grad: true);
        ActivationOffload offload = new(_exact);
        StrideWatch watch = new(offload);
        Tensor Compute()
        {
            Tensor h = layout == "transposed" ? (x * 2).transpose(2, 3) : (x * 2).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            return (h.sin() * 3).sum();
        }

        Compute().backward();
        byte[] plain = Gradients.Bytes(x.grad!);
        x.grad!.zero_();
        Tensor loss;
        using (SavedTensorsHooks.Use(watch))
        {
            loss = Compute();
        }

        Assert.Equal(1, offload.Statistics.Treatments[Treatment.Values].Saves);
        SavedTensorsHooks.Backward(loss, watch);
        Assert.Equal(plain, Gradients.Bytes(x.grad!));
        Assert.Equal(watch.Packed, watch.Unpacked);
        Assert.NotNull(watch.Packed);
    }

    [Fact]
    public void Parameters_leaves_views_of_parts_and_odd_types_stay()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = randn(64, 64, requires_grad: true);
        Tensor input = randn(64, 64);
        ActivationOffload offload = new(_exact);
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            Tensor h = input.mm(weight.t());                  // a leaf (the view of the parameter has no use for a gradient of input)
            loss = h.sum() + (weight * 2).slice(1, 0, 64, 2).sin().sum() + weight.to(float64).add(1).sin().sum().to(float32);
        }

        IReadOnlyDictionary<Treatment, TreatmentCount> treatments = offload.Statistics.Treatments;
        Assert.Equal(
            [Treatment.KeptLeaf, Treatment.KeptType, Treatment.KeptLayout],
            treatments.Keys.Order());
        SavedTensorsHooks.Backward(loss, offload);
    }

    [Fact]
    public void Layers_are_named()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("small-cnn");
        using LayerNames layers = new();
        layers.Attach(model);
        ActivationOffload offload = new(_lossy, layers);
        Gradients.Of(model, input, labels, offload);
        Assert.Contains(new ActivationLabel("_layers.bn1", "ConvolutionBackward0", "values"), offload.Statistics.Labels.Select(label => label.Key));
        Assert.Contains(new ActivationLabel("_layers.relu2", "ReluBackward0", "sign"), offload.Statistics.Labels.Select(label => label.Key));
        Assert.Null(layers.Current);
    }

    [Fact]
    public void A_cancelled_offload_fails_loudly_and_leaks_nothing()
    {
        using CancellationTokenSource cancel = new();
        cancel.Cancel();
        ActivationOffload offload = new(_lossy, cancellation: cancel.Token);
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("small-cnn");
        SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => Gradients.Of(model, input, labels, offload));
        Assert.IsAssignableFrom<OperationCanceledException>(error.InnerException);
    }

    private static float[] Floats(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    /// <summary>Notes the strides of what is packed and of what comes back.</summary>
    private sealed class StrideWatch(ActivationOffload inner) : ISavedTensorHooks
    {
        public string? Packed { get; private set; }

        public string? Unpacked { get; private set; }

        public object? Pack(in SavedTensorInfo info, Tensor tensor)
        {
            object? packed = inner.Pack(info, tensor);
            Packed = packed is null ? Packed : string.Join(",", info.Strides);
            return packed;
        }

        public Tensor Unpack(object packed)
        {
            Tensor tensor = inner.Unpack(packed);
            Unpacked = string.Join(",", tensor.stride());
            return tensor;
        }

        public void Release(object packed) => inner.Release(packed);
    }
}
