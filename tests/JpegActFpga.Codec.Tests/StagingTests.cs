using CsCheck;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Codec.Staging;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>The blocks that kernels read and write, against the places that the format gives their elements.</summary>
public class StagingTests
{
    private static readonly Gen<(CodecCase Case, CodecMethod Method, int First, int Count)> Ranges = Gen.Select(
        CodecCases.Of(Gen.Const(CodecProfile.JpegAct(ShiftTables.OptsHigh)), CodecCases.Shapes(6_000).Where(shape => shape.ElementCount > 0), TensorPattern.Normal, TensorPattern.NegativeZeros, TensorPattern.Huge),
        Gen.OneOf(CodecMethod.JpegAct, CodecMethod.SfprZvc),
        Gen.Int[0, 1000],
        Gen.Int[1, 1000],
        (@case, method, first, count) =>
        {
            int blocks = (int)new BlockGeometry(@case.Spec.Shape, method).Blocks;
            int from = first % blocks;
            return (@case, method, from, 1 + ((count - 1) % (blocks - from)));
        });

    [Fact]
    public void Gathered_blocks_hold_the_elements_as_they_are_and_zeros_outside() =>
        Ranges.Sample(
            range =>
            {
                byte[] data = range.Case.MakeTensor();
                int size = range.Case.Spec.ElementType.ByteSize();
                var geometry = new BlockGeometry(range.Case.Spec.Shape, range.Method);
                using GuardedBuffer tensor = GuardedBuffer.Of(data, size);
                using var blocks = new GuardedBuffer(64L * size * range.Count);
                BlockStaging.Gather(new TensorView(range.Case.Spec, tensor.Bytes), range.Method, geometry, range.First, blocks.Bytes);
                blocks.DemandIntactGuards();
                var expected = new byte[blocks.Length];
                foreach ((int position, long element) in Places(range))
                {
                    data.AsSpan((int)element * size, size).CopyTo(expected.AsSpan(position * size));
                }

                ModelConversion.DemandSameBytes(expected, blocks.ToArray(), "blocks");
            },
            iter: 500);

    [Fact]
    public void Scattered_blocks_reach_their_elements_and_nothing_else() =>
        Ranges.Sample(
            range =>
            {
                TensorSpec spec = range.Case.Spec;
                int size = spec.ElementType.ByteSize();
                using var tensor = new GuardedBuffer(spec.ByteCount, size);
                byte[] expected = tensor.ToArray();
                var content = new byte[64 * size * range.Count];
                new Random(range.Case.Seed).NextBytes(content);
                using GuardedBuffer blocks = GuardedBuffer.Of(content);
                foreach ((int position, long element) in Places(range))
                {
                    content.AsSpan(position * size, size).CopyTo(expected.AsSpan((int)element * size));
                }

                BlockStaging.Scatter(blocks.Bytes, range.Method, new BlockGeometry(spec.Shape, range.Method), range.First, new TensorView(spec, tensor.Bytes));
                tensor.DemandIntactGuards();
                ModelConversion.DemandSameBytes(expected, tensor.ToArray(), "tensor");
            },
            iter: 500);

    [Fact]
    public void Quantised_blocks_come_back_as_the_reference_makes_them_without_a_transform() =>
        Ranges.Sample(
            range =>
            {
                // Method sfpr is nothing but this quantiser: its frame's values are the expected bytes, in memory order.
                CodecCase @case = range.Case with { Profile = CodecProfile.Sfpr(zeroValueCompression: false) };
                TensorSpec spec = @case.Spec;
                byte[] data = @case.MakeTensor();
                var geometry = new BlockGeometry(spec.Shape, range.Method);
                using GuardedBuffer tensor = GuardedBuffer.Of(data, spec.ElementType.ByteSize());
                using var frameMemory = new GuardedBuffer(FrameLayout.MaxFrameBytes(spec, @case.Profile));
                var view = new TensorView(spec, tensor.Bytes);
                CompressResult result = ReferenceCodec.Encode(view, @case.Profile, frameMemory.Bytes);
                FrameReader frame = FrameReader.Open(frameMemory.Bytes.Slice(0, result.FrameBytes));
                using ScaledTensor scaled = ScaledTensor.Scan(view, @case.Profile);
                using var blocks = new GuardedBuffer(64L * range.Count);
                ByteStaging.Quantise(view, range.Method, geometry, range.First, scaled.EncodeScales, blocks.Bytes);
                blocks.DemandIntactGuards();
                var expected = new byte[blocks.Length];
                foreach ((int position, long element) in Places(range))
                {
                    expected[position] = frame.Values[element];
                }

                ModelConversion.DemandSameBytes(expected, blocks.ToArray(), "blocks");

                using var decoded = new GuardedBuffer(spec.ByteCount, spec.ElementType.ByteSize());
                ReferenceCodec.Decode(frame, new TensorView(spec, decoded.Bytes));
                using var back = new GuardedBuffer(spec.ByteCount, spec.ElementType.ByteSize());
                byte[] expectedBack = back.ToArray();
                int size = spec.ElementType.ByteSize();
                foreach ((int _, long element) in Places(range))
                {
                    decoded.Bytes.AsSpan(element * size, size).CopyTo(expectedBack.AsSpan((int)element * size));
                }

                ByteStaging.Dequantise(blocks.Bytes, range.Method, geometry, range.First, scaled.DecodeScales, new TensorView(spec, back.Bytes));
                back.DemandIntactGuards();
                ModelConversion.DemandSameBytes(expectedBack, back.ToArray(), "elements");
            },
            iter: 500);

    // Which position of the blocks holds which element; positions outside the tensor are left out.
    private static IEnumerable<(int Position, long Element)> Places((CodecCase Case, CodecMethod Method, int First, int Count) range)
    {
        TensorShape shape = range.Case.Spec.Shape;
        var geometry = ModelGeometry.Of(shape.Dimensions.ToArray(), ModelFrame.JpegAct);
        for (int i = 0; i < 64 * range.Count; i++)
        {
            if (range.Method != CodecMethod.JpegAct)
            {
                long element = (64L * range.First) + i;
                if (element < shape.ElementCount)
                {
                    yield return (i, element);
                }

                continue;
            }

            (long row, long column) = PlaceOf(range.First + (i / 64), i % 64, geometry);
            if (row < geometry.Rows && column < geometry.W)
            {
                yield return (i, (row * geometry.W) + column);
            }
        }
    }

    private static (long Row, long Column) PlaceOf(long block, int position, ModelGeometry geometry) =>
        ((8 * (block / geometry.BlocksPerRow)) + (position / 8), (8 * (block % geometry.BlocksPerRow)) + (position % 8));
}
