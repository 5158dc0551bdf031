using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Tests.Offload;

/// <summary>Integers in fewer bytes, masks in bits: those of the processor, and those of a device, by torch's operators, which the processor has as well.</summary>
public sealed class NarrowedIntegersTests
{
    [Theory]
    [InlineData(0, 255, 1, 1)]
    [InlineData(0, 256, 2, 2)]
    [InlineData(0, 32767, 2, 2)]
    [InlineData(0, 32768, 2, 2)]
    [InlineData(0, 65535, 2, 2)]
    [InlineData(0, 65536, 4, 4)]
    [InlineData(-1, 5, 4, 2)]
    [InlineData(-32768, 32767, 4, 2)]
    [InlineData(-1, 32768, 4, 4)]
    [InlineData(int.MinValue, int.MaxValue, 4, 4)]
    [InlineData(0, (long)int.MaxValue + 1, 0, 0)]
    [InlineData(long.MinValue, 0, 0, 0)]
    public void Integers_are_narrowed_exactly(long least, long most, int width, int widthOnDevice)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] values = [least, most, .. Enumerable.Range(0, 99).Select(i => least + (long)((ulong)(most - least) / 99 * (ulong)i))];
        Tensor tensor = torch.tensor(values);
        Demand(NarrowedIntegers.TryNarrow(tensor, tensor.shape, values.Length), width);
        Demand(NarrowedOnDevice.TryNarrow(tensor), widthOnDevice);

        void Demand(INarrowed? narrowed, int bytes)
        {
            using (narrowed)
            {
                Assert.Equal(bytes * values.Length, narrowed?.Bytes ?? 0);
                Assert.Equal(bytes == 0 ? null : values, narrowed?.Widen().data<long>().ToArray());
            }
        }
    }

    [Fact]
    public void A_device_s_integers_keep_their_shape_and_strides_and_leave_nothing_behind()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tensor = randint(40000, [2, 5, 7, 3], int64).permute(0, 3, 1, 2); // channels last
        int before = scope.DisposablesCount;
        using (NarrowedOnDevice narrowed = NarrowedOnDevice.TryNarrow(tensor)!)
        {
            Assert.Equal(before, scope.DisposablesCount);
            using Tensor wide = narrowed.Widen();
            Assert.Equal(tensor.shape, wide.shape);
            Assert.Equal(tensor.stride(), wide.stride());
            Assert.Equal(Gradients.Bytes(tensor), Gradients.Bytes(wide));
            using Tensor again = narrowed.Widen();
            wide.zero_().Dispose();
            Assert.Equal(Gradients.Bytes(tensor), Gradients.Bytes(again));
        }

        Assert.Equal(before, scope.DisposablesCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1003)]
    public void A_mask_takes_a_bit_an_element_and_comes_back_as_it_was(int elements)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        foreach (double share in new[] { 0, 0.3, 1 })
        {
            Tensor mask = rand(elements, 3).lt(share);
            int before = scope.DisposablesCount;
            using (MaskOnDevice packed = MaskOnDevice.Pack(mask))
            {
                Assert.Equal(((3 * elements) + 7) / 8, packed.Bytes);
                using Tensor back = packed.Widen();
                Assert.Equal(ScalarType.Bool, back.dtype);
                Assert.Equal(mask.shape, back.shape);
                Assert.Equal(Gradients.Bytes(mask), Gradients.Bytes(back));
            }

            Assert.Equal(before, scope.DisposablesCount);
        }
    }

    [Fact]
    public void A_max_pool_s_backward_pass_takes_them()
    {
        var hooks = new NarrowingHooks();
        Assert.Equal(Gradient(null), Gradient(hooks));
        Assert.True(hooks.Narrowed > 0);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);

        static byte[] Gradient(ISavedTensorHooks? hooks)
        {
            using DisposeScope scope = NewDisposeScope();
            manual_seed(2);
            Tensor input = randn([4, 3, 300, 300], requires_grad: true);
            Tensor loss;
            using (hooks is null ? null : SavedTensorsHooks.Use(hooks))
            {
                loss = nn.functional.max_pool2d(input, 2).square().sum();
            }

            loss.backward();
            return Gradients.Bytes(input.grad!);
        }
    }

    private sealed class NarrowingHooks : ISavedTensorHooks
    {
        public int Narrowed { get; private set; }

        public object? Pack(in SavedTensorInfo info, Tensor tensor)
        {
            NarrowedOnDevice? narrowed = info.ElementType == ScalarType.Int64 ? NarrowedOnDevice.TryNarrow(tensor) : null;
            Narrowed += narrowed is null ? 0 : 1;
            return narrowed;
        }

        public Tensor Unpack(object packed) => ((INarrowed)packed).Widen();

        public void Release(object packed) => ((INarrowed)packed).Dispose();
    }
}
