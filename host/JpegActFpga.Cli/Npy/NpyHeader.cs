using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Npy;

/// <summary>The header of a .npy file (NEP 1): magic, version, header length, a Python dict with three keys.</summary>
/// <param name="Spec">Element type and shape.</param>
/// <param name="DataOffset">Bytes before the elements.</param>
internal sealed record NpyHeader(TensorSpec Spec, int DataOffset)
{
    /// <summary>Bytes up to the header length.</summary>
    internal const int PrefixBytes = 8;

    /// <summary>Longest header accepted. What we accept needs under 2 KiB; the rest is room for padding.</summary>
    internal const int MaxHeaderBytes = 64 * 1024;

    private const int Alignment = 64;
    private const string Remedy = "convert it in Python: np.save(path, np.ascontiguousarray(a, dtype='<f4'))";

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header from the start of a file.</summary>
    /// <param name="file">The file, at its start; left at the first element.</param>
    /// <exception cref="NpyException">The header is refused.</exception>
    internal static NpyHeader Read(Stream file)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        int got = file.ReadAtLeast(prefix, PrefixBytes, throwOnEndOfStream: false);
        if (got < Magic.Length || !prefix[..Magic.Length].SequenceEqual(Magic))
        {
            throw new NpyException(got == 0 ? "it is empty" : "it does not start with \\x93NUMPY: it is no .npy file; save the tensor with np.save");
        }

        if (got < PrefixBytes)
        {
            throw new NpyException($"it ends after {got} bytes, inside the header; save it again");
        }

        (int major, int minor) = (prefix[6], prefix[7]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw new NpyException($".npy version {major}.{minor} is not known; versions 1.0, 2.0 and 3.0 are read");
        }

        int lengthBytes = major == 1 ? sizeof(ushort) : sizeof(uint);
        Span<byte> lengthField = stackalloc byte[sizeof(uint)];
        lengthField.Clear();
        Fill(file, lengthField[..lengthBytes]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthField);
        if (length > MaxHeaderBytes)
        {
            throw new NpyException($"its header claims {length} bytes; at most {MaxHeaderBytes} are accepted");
        }

        var text = new byte[length];
        Fill(file, text);
        TensorSpec spec = Interpret(Decode(text, major));
        return new NpyHeader(spec, PrefixBytes + lengthBytes + (int)length);
    }

    /// <summary>Makes the header of a C-order tensor, version 1.0, padded so that the elements start at a multiple of 64.</summary>
    /// <param name="spec">A float32 or float16 tensor.</param>
    internal static byte[] Format(TensorSpec spec)
    {
        string descr = spec.ElementType switch
        {
            ElementType.Float32 => "<f4",
            ElementType.Float16 => "<f2",
            _ => throw new ArgumentException($"A .npy file has no element type {spec.ElementType.DisplayName()}.", nameof(spec)),
        };
        long[] sizes = spec.Shape.Dimensions.ToArray();
        string shape = string.Join(", ", sizes.Select(size => size.ToString(CultureInfo.InvariantCulture))) + (sizes.Length == 1 ? "," : string.Empty);
        string literal = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}";
        int before = PrefixBytes + sizeof(ushort);
        int whole = (before + literal.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[whole];
        header.AsSpan().Fill((byte)' ');
        Magic.CopyTo(header);
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(PrefixBytes), checked((ushort)(whole - before)));
        Encoding.ASCII.GetBytes(literal, header.AsSpan(before));
        header[^1] = (byte)'\n';
        return header;
    }

    private static void Fill(Stream file, Span<byte> destination)
    {
        if (file.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new NpyException($"it ends after {file.Position} bytes, inside the header; save it again");
        }
    }

    private static string Decode(byte[] text, int major)
    {
        if (major < 3)
        {
            return Encoding.Latin1.GetString(text);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new NpyException("its version 3.0 header is not UTF-8");
        }
    }

    private static TensorSpec Interpret(string text)
    {
        if (PythonLiteralParser.Parse(text) is not PythonDictionary header)
        {
            throw new NpyException("its header is not a dict");
        }

        PythonValue? descr = null;
        PythonValue? fortranOrder = null;
        PythonValue? shape = null;
        foreach ((string key, PythonValue value) in header.Items)
        {
            ref PythonValue? slot = ref descr;
            switch (key)
            {
                case "descr":
                    break;
                case "fortran_order":
                    slot = ref fortranOrder;
                    break;
                case "shape":
                    slot = ref shape;
                    break;
                default:
                    throw new NpyException($"its header has the unknown key '{key}'");
            }

            if (slot is not null)
            {
                throw new NpyException($"its header has the key '{key}' twice");
            }

            slot = value;
        }

        ElementType type = ReadType(descr ?? throw Missing("descr"));
        RefuseFortranOrder(fortranOrder ?? throw Missing("fortran_order"));
        return new TensorSpec(type, ReadShape(shape ?? throw Missing("shape")));
    }

    private static NpyException Missing(string key) => new($"its header lacks the key '{key}'");

    private static ElementType ReadType(PythonValue descr)
    {
        if (descr is not PythonString name)
        {
            throw new NpyException($"its dtype {descr.Quoted} is structured; take one field of it and {Remedy}");
        }

        return name.Value switch
        {
            "<f4" => ElementType.Float32,
            "<f2" => ElementType.Float16,
            ">f4" or ">f2" => throw new NpyException($"its dtype {descr.Quoted} is big-endian; {Remedy}"),
            ['|', 'O', ..] or "O" => throw new NpyException($"its dtype {descr.Quoted} means pickled Python objects, which are never read; save a plain array: np.save(path, np.asarray(a, dtype='<f4'))"),
            _ => throw new NpyException($"its dtype {descr.Quoted} is not float32 '<f4' or float16 '<f2'; {Remedy}"),
        };
    }

    private static void RefuseFortranOrder(PythonValue value)
    {
        if (value is not PythonBoolean fortranOrder)
        {
            throw new NpyException($"its 'fortran_order' is {value.Quoted}, not True or False");
        }

        if (fortranOrder.Value)
        {
            throw new NpyException("it is in Fortran order ('fortran_order': True); C order is needed: np.save(path, np.ascontiguousarray(a))");
        }
    }

    private static TensorShape ReadShape(PythonValue value)
    {
        if (value is not PythonSequence { IsTuple: true } tuple)
        {
            throw new NpyException($"its shape {value.Quoted} is not a tuple");
        }

        var sizes = new long[tuple.Items.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (tuple.Items[i] is not PythonInteger size)
            {
                throw new NpyException($"its shape {value.Quoted} has {tuple.Items[i].Quoted} where a whole number should be");
            }

            if (size.Value.Sign < 0 || size.Value > TensorShape.MaxElements)
            {
                throw new NpyException($"its shape {value.Quoted} has the size {size.Quoted}; sizes are 0 .. 2^{BitOperations.Log2((ulong)TensorShape.MaxElements)}");
            }

            sizes[i] = (long)size.Value;
        }

        try
        {
            return new TensorShape(sizes);
        }
        catch (ArgumentException error)
        {
            throw new NpyException($"its shape is refused: {error.PlainMessage()}");
        }
    }
}
