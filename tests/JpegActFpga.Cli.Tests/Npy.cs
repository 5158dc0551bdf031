using System.Globalization;
using System.Text;

namespace JpegActFpga.Cli.Tests;

/// <summary>Makes .npy files from their definition, independently of the program.</summary>
public static class Npy
{
    /// <summary>Makes a file of version 1.0 with any header text.</summary>
    public static byte[] WithHeader(string header, ReadOnlySpan<byte> data, byte major = 1, byte minor = 0)
    {
        byte[] text = Encoding.Latin1.GetBytes(header + "\n");
        byte[] length = major == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes((uint)text.Length);
        return [0x93, .. "NUMPY"u8, major, minor, .. length, .. text, .. data];
    }

    /// <summary>Makes a file as NumPy does.</summary>
    public static byte[] Of(string descr, long[] shape, ReadOnlySpan<byte> data, byte major = 1)
    {
        string sizes = string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture))) + (shape.Length == 1 ? "," : string.Empty);
        string header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}";
        int before = major == 1 ? 10 : 12;
        return WithHeader(header.PadRight(((before + header.Length + 64) / 64 * 64) - before - 1), data, major);
    }

    /// <summary>Makes float32 data that looks like an activation: smooth, half of it zero.</summary>
    public static float[] Activation(long count, int seed, bool rectified = true)
    {
        var random = new Random(seed);
        var values = new float[count];
        float walk = 0;
        for (int i = 0; i < values.Length; i++)
        {
            walk = (0.9f * walk) + (float)(random.NextDouble() - 0.5);
            values[i] = rectified ? Math.Max(0, walk) : walk;
        }

        return values;
    }

    /// <summary>Gives the bytes of float32 values.</summary>
    public static byte[] Bytes(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>Gives the bytes of the values as float16.</summary>
    public static byte[] HalfBytes(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.Select(v => (Half)v).ToArray().AsSpan()).ToArray();
}
