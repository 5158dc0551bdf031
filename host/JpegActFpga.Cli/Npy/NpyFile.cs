using JpegActFpga.Cli.Files;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Npy;

/// <summary>Reads and writes whole .npy files of any size through unmanaged memory.</summary>
internal static class NpyFile
{
    /// <summary>Reads a file: float32 or float16, C order.</summary>
    /// <param name="path">A regular file.</param>
    /// <param name="cancellationToken">Looked at between parts of the file.</param>
    /// <returns>The tensor; the caller disposes it.</returns>
    /// <exception cref="NpyException">The content is refused.</exception>
    /// <exception cref="CliException">The file can't be read.</exception>
    internal static OwnedTensor Read(string path, CancellationToken cancellationToken)
    {
        using FileStream file = InputFile.Open(path);
        NpyHeader header = NpyHeader.Read(file);

        // Judged before memory is taken: a header may claim any size.
        long expected = header.Spec.ByteCount;
        long found = file.Length - header.DataOffset;
        if (found < expected)
        {
            throw new NpyException($"it is cut short: {header.Spec} needs {expected} bytes after the header, there are {found}; save it again");
        }

        if (found > expected)
        {
            throw new NpyException($"{found - expected} bytes follow the {expected} bytes of its {header.Spec}; save one array a file with np.save");
        }

        return OwnedTensor.Create(header.Spec, bytes => InputFile.ReadExactly(file, bytes, cancellationToken));
    }

    /// <summary>Writes a file.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="tensor">A float32 or float16 tensor in host memory.</param>
    /// <param name="cancellationToken">Looked at between parts of the file.</param>
    internal static void Write(OutputFile output, TensorView tensor, CancellationToken cancellationToken)
    {
        output.Write(NpyHeader.Format(tensor.Spec));
        output.Write(tensor.Bytes, cancellationToken);
    }

    /// <summary>Writes a bfloat16 tensor as float32, each element widened exactly: NumPy has no bfloat16.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="tensor">A bfloat16 tensor in host memory.</param>
    /// <param name="cancellationToken">Looked at between parts of the file.</param>
    internal static void WriteWidened(OutputFile output, TensorView tensor, CancellationToken cancellationToken)
    {
        const int PartElements = 1 << 20;
        output.Write(NpyHeader.Format(new TensorSpec(ElementType.Float32, tensor.Spec.Shape)));
        NativeSpan<ushort> elements = tensor.Bytes.Cast<ushort>();
        using var part = new NativeBuffer(Math.Min(PartElements, elements.Length) * sizeof(float));
        NativeSpan<float> widened = part.Bytes.Cast<float>();
        for (long at = 0; at < elements.Length; at += PartElements)
        {
            int count = (int)Math.Min(PartElements, elements.Length - at);
            ReadOnlySpan<ushort> source = elements.AsSpan(at, count);
            Span<float> target = widened.AsSpan(0, count);
            for (int i = 0; i < count; i++)
            {
                target[i] = ElementConversion.BFloat16ToSingle(source[i]);
            }

            output.Write(part.Bytes.Slice(0, (long)count * sizeof(float)), cancellationToken);
        }
    }
}
