using CsCheck;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Staging;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>The blocks that kernels read and write, against the places that the format gives their elements.</summary>
public class StagingTests
{
    private static readonly Gen<(CodecCase Case, int First, int Count)> Ranges = Gen.Select(
        CodecCases.Of(Gen.Const(CodecProfile.JpegAct(ShiftTables.OptsHigh)), CodecCases.Shapes(6_000).Where(shape => shape.ElementCount > 0), TensorPattern.Normal, TensorPattern.NegativeZeros, TensorPattern.Huge),
        Gen.Int[0, 1000],
        Gen.Int[1, 1000],
        (@case, first, count) =>
        {
            int blocks = (int)new BlockGeometry(@case.Spec.Shape, CodecMethod.JpegAct).Blocks;
            int from = first % blocks;
            return (@case, from, 1 + ((count - 1) % (blocks - from)));
        });

    [Fact]
    public void Gathered_blocks_hold_the_elements_and_zeros_outside() =>
        Ranges.Sample(
            range =>
            {
                byte[] data = range.Case.MakeTensor();
                uint[] elements = ModelEncoder.Widen(ModelConversion.ToModel(range.Case.Spec, data));
                var geometry = ModelGeometry.Of(range.Case.Spec.Shape.Dimensions.ToArray(), ModelFrame.JpegAct);
                using GuardedBuffer tensor = GuardedBuffer.Of(data, range.Case.Spec.ElementType.ByteSize());
                using var blocks = new GuardedBuffer(256L * range.Count);
                NativeSpan<float> gathered = blocks.Bytes.Cast<float>();
                BlockStaging.Gather(new TensorView(range.Case.Spec, tensor.Bytes), new BlockGeometry(range.Case.Spec.Shape, CodecMethod.JpegAct), range.First, gathered);
                blocks.DemandIntactGuards();
                for (int i = 0; i < 64 * range.Count; i++)
                {
                    (long row, long column) = PlaceOf(range.First + (i / 64), i % 64, geometry);
                    bool inside = row < geometry.Rows && column < geometry.W;
                    Assert.Equal(inside ? elements[(row * geometry.W) + column] : 0, BitConverter.SingleToUInt32Bits(gathered[i]));
                }
            },
            iter: 500);

    [Fact]
    public void Scattered_blocks_reach_their_elements_and_nothing_else() =>
        Ranges.Sample(
            range =>
            {
                TensorSpec spec = range.Case.Spec;
                var geometry = ModelGeometry.Of(spec.Shape.Dimensions.ToArray(), ModelFrame.JpegAct);
                using var tensor = new GuardedBuffer(spec.ByteCount, spec.ElementType.ByteSize());
                byte[] expected = tensor.ToArray();
                var random = new Random(range.Case.Seed);
                using var blocks = new GuardedBuffer(256L * range.Count);
                NativeSpan<float> values = blocks.Bytes.Cast<float>();
                for (int i = 0; i < 64 * range.Count; i++)
                {
                    values[i] = (random.NextSingle() - 0.5f) * 1000f;
                    (long row, long column) = PlaceOf(range.First + (i / 64), i % 64, geometry);
                    if (row < geometry.Rows && column < geometry.W)
                    {
                        uint bits = BitConverter.SingleToUInt32Bits(values[i]);
                        byte[] element = spec.ElementType switch
                        {
                            ElementType.Float32 => BitConverter.GetBytes(bits),
                            ElementType.Float16 => BitConverter.GetBytes(ModelFloat.NarrowHalf(bits)),
                            _ => BitConverter.GetBytes(ModelFloat.NarrowBFloat(bits)),
                        };
                        element.CopyTo(expected, ((row * geometry.W) + column) * element.Length);
                    }
                }

                BlockStaging.Scatter(values, new BlockGeometry(spec.Shape, CodecMethod.JpegAct), range.First, new TensorView(spec, tensor.Bytes));
                tensor.DemandIntactGuards();
                ModelConversion.DemandSameBytes(expected, tensor.ToArray(), "tensor");
            },
            iter: 500);

    private static (long Row, long Column) PlaceOf(long block, int position, ModelGeometry geometry) =>
        ((8 * (block / geometry.BlocksPerRow)) + (position / 8), (8 * (block % geometry.BlocksPerRow)) + (position % 8));
}
