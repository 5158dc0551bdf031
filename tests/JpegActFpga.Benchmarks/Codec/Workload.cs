using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>One tensor to measure on.</summary>
internal sealed class Workload : IDisposable
{
    private readonly NativeBuffer _memory;

    private Workload(string name, TensorSpec spec)
    {
        Name = name;
        _memory = new NativeBuffer(spec.ByteCount);
        Tensor = new TensorView(spec, _memory.Bytes);
    }

    internal string Name { get; }

    internal TensorView Tensor { get; }

    /// <summary>Makes a smooth, noisy tensor, about half zero, as after a ReLU; another phase and strength in each plane.</summary>
    internal static Workload Synthetic(TensorSpec spec)
    {
        var workload = new Workload($"synthetic {spec}", spec);
        TensorShape shape = spec.Shape;
        var random = new Random(1);
        long planeElements = shape.H * shape.W;
        double phase = 0, strength = 1;
        for (long i = 0; i < shape.ElementCount; i++)
        {
            long inPlane = i % planeElements;
            if (inPlane == 0)
            {
                phase = random.NextDouble() * 6;
                strength = 0.5 + random.NextDouble();
            }

            double wave = Math.Sin((0.2 * (inPlane % shape.W)) + phase) + Math.Sin((0.13 * (inPlane / shape.W)) - phase);
            workload.Store(i, (float)(strength * Math.Max(0, wave + (0.3 * (random.NextDouble() - 0.5)))));
        }

        return workload;
    }

    /// <summary>Reads a tensor that a network made.</summary>
    /// <param name="path">NumPy's .npy with float32 in C order, or a raw file named like name_8x64x28x28.f32.</param>
    internal static Workload FromFile(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        (TensorShape shape, int start) = path.EndsWith(".npy", StringComparison.Ordinal) ? NpyHeader.Read(path, file) : (RawFileName.Shape(path), 0);
        var spec = new TensorSpec(ElementType.Float32, shape);
        if (file.Length - start != spec.ByteCount)
        {
            throw new InvalidDataException($"{path} has {file.Length - start} bytes of elements; {spec} has {spec.ByteCount}.");
        }

        var workload = new Workload(Path.GetFileNameWithoutExtension(path), spec);
        file.AsSpan(start).CopyTo(workload.Tensor.Bytes.AsSpan(0, checked((int)spec.ByteCount)));
        return workload;
    }

    /// <summary>Takes elements from an array.</summary>
    internal static Workload FromArray(string name, TensorShape shape, float[] elements)
    {
        var workload = new Workload(name, new TensorSpec(ElementType.Float32, shape));
        elements.CopyTo(workload.Tensor.Bytes.Cast<float>().AsSpan(0, elements.Length));
        return workload;
    }

    public void Dispose() => _memory.Dispose();

    private void Store(long index, float value)
    {
        switch (Tensor.Spec.ElementType)
        {
            case ElementType.Float32:
                Tensor.Bytes.Cast<float>()[index] = value;
                break;
            case ElementType.Float16:
                Tensor.Bytes.Cast<ushort>()[index] = ElementConversion.SingleToFloat16(value);
                break;
            default:
                Tensor.Bytes.Cast<ushort>()[index] = ElementConversion.SingleToBFloat16(value);
                break;
        }
    }
}
