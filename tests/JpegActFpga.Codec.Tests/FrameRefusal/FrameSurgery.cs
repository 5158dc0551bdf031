using System.Buffers.Binary;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.FrameRefusal;

/// <summary>Makes frames, changes them, and makes their checksums right again, so that the rule under test is all that is left to refuse them.</summary>
internal static class FrameSurgery
{
    /// <summary>Frames of every method: one tile each, an incomplete last block, padding in every gap.</summary>
    internal static IEnumerable<(string Name, byte[] Frame)> SmallFrames()
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            foreach ((string name, CodecProfile profile) in Profiles())
            {
                var @case = new CodecCase(new TensorSpec(type, new TensorShape(2, 3, 3, 5)), profile, TensorPattern.Normal, Seed: 3);
                yield return ($"{name} {type}", FrameOf(@case));
            }
        }

        yield return ("empty", FrameOf(new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(0, 3, 8, 8)), CodecProfile.Sfpr(true), TensorPattern.AllZero, 0)));
        yield return ("scalar", FrameOf(new CodecCase(new TensorSpec(ElementType.Float16, new TensorShape()), CodecProfile.JpegAct(ShiftTables.OptsHigh), TensorPattern.Normal, 1)));
        yield return ("non-finite", FrameOf(new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(2, 9)), CodecProfile.Sfpr(true), TensorPattern.NonFinite, 1)));
    }

    /// <summary>Frames of three tiles, for what goes on between tiles.</summary>
    internal static IEnumerable<(string Name, byte[] Frame)> TiledFrames() =>
        Profiles().Select(p => (p.Name, FrameOf(Tiled(p.Profile))));

    internal static CodecCase Tiled(CodecProfile profile) => new(new TensorSpec(ElementType.Float32, new TensorShape(2, 3, 40, 40)), profile, TensorPattern.Normal, Seed: 5);

    internal static byte[] FrameOf(CodecCase @case) => ModelConversion.ReferenceEncode(@case.Spec, @case.MakeTensor(), @case.Profile);

    internal static ModelFrame ModelOf(CodecCase @case) =>
        ModelEncoder.Compress(ModelConversion.ToModel(@case.Spec, @case.MakeTensor()), ModelConversion.ToModel(@case.Profile));

    /// <summary>Changes a frame and makes the header checksum right again.</summary>
    internal static byte[] Patch(byte[] frame, int at, params byte[] bytes)
    {
        byte[] patched = [.. frame];
        bytes.CopyTo(patched, at);
        return RepairHeader(patched, ModelDecoder.MasksStart(frame));
    }

    internal static byte[] PatchU64(byte[] frame, int at, ulong value) => Patch(frame, at, BitConverter.GetBytes(value));

    internal static byte[] PatchFloat(byte[] frame, int at, float value) => Patch(frame, at, BitConverter.GetBytes(value));

    /// <summary>Computes the header checksum over what it covers.</summary>
    internal static byte[] RepairHeader(byte[] frame, int masksStart)
    {
        frame.AsSpan(56, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(56), ModelCrc32C.Of(frame.AsSpan(0, masksStart)));
        return frame;
    }

    /// <summary>Opens a frame and demands that it is refused, and refused as a frame, whatever is wrong with it.</summary>
    /// <returns>The message.</returns>
    internal static string DemandRefused(byte[] frame, string what)
    {
        using GuardedBuffer memory = GuardedBuffer.Of(frame);
        Exception? refusal = Record.Exception(() => FrameReader.Open(memory.Bytes));
        var invalid = refusal as InvalidFrameException;
        Assert.True(invalid is not null, $"{what}: {refusal?.ToString() ?? "accepted"}");
        return invalid.Message;
    }

    internal static IEnumerable<(string Name, CodecProfile Profile)> Profiles() =>
    [
        ("raw", CodecProfile.Raw),
        ("jpeg-act", CodecProfile.JpegAct(ShiftTables.OptsHigh, QuantiserRounding.Truncate)),
        ("sfpr", CodecProfile.Sfpr(zeroValueCompression: false, scaleMode: ScaleMode.PerPlane)),
        ("sfpr-zvc", CodecProfile.Sfpr(zeroValueCompression: true)),
        ("brc", CodecProfile.Brc),
    ];
}
