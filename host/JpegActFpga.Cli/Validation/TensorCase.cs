using System.Runtime.InteropServices;
using JpegActFpga.Cli.Files;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>A tensor and a profile on which two backends must agree.</summary>
/// <param name="Label">What it is, for messages.</param>
/// <param name="Spec">Element type and shape.</param>
/// <param name="Values">The elements; narrowed to the element type.</param>
/// <param name="Profile">The profile.</param>
internal sealed record TensorCase(string Label, TensorSpec Spec, float[] Values, CodecProfile Profile)
{
    /// <summary>Makes the tensor; the caller disposes it.</summary>
    internal OwnedTensor CreateTensor() => OwnedTensor.Create(Spec, Fill);

    /// <inheritdoc/>
    public override string ToString() => $"{Label}, {Spec}, {Profile}";

    private void Fill(NativeSpan<byte> bytes)
    {
        if (Spec.ElementType == ElementType.Float32)
        {
            MemoryMarshal.AsBytes(Values.AsSpan()).CopyTo(bytes.AsSpan(0, checked((int)bytes.Length)));
            return;
        }

        NativeSpan<ushort> elements = bytes.Cast<ushort>();
        for (int i = 0; i < Values.Length; i++)
        {
            elements[i] = Spec.ElementType == ElementType.Float16
                ? ElementConversion.SingleToFloat16(Values[i])
                : ElementConversion.SingleToBFloat16(Values[i]);
        }
    }
}
