using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Real tensors, set beside other codecs: saved activations of a training, and photographs through a net.</summary>
internal static class DataSets
{
    private const int PhotographCount = 8;
    private const int PhotographSide = 224;

    /// <summary>Measures a folder of .npy files, as <c>jpegact train --save-activations</c> writes them.</summary>
    internal static void Activations(Report report, CodecIsa isa, int rounds, string folder)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.npy").Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            Report.Skip($"activations of a training: {folder} has no .npy file");
            return;
        }

        Measure(report, isa, rounds, "fashion-mnist", files.Select(Workload.FromFile));
    }

    /// <summary>Measures what a net makes of photographs.</summary>
    internal static void OfPhotographs(Report report, CodecIsa isa, int rounds, string folder)
    {
        if (!Directory.Exists(folder) || !Peers.Has(Peers.JpegLibrary))
        {
            Report.Skip($"photographs: {folder} (Debian's mate-backgrounds) and libturbojpeg0 are needed");
            return;
        }

        float[,,,] images = Photographs.Load(folder, PhotographCount, PhotographSide);
        Measure(report, isa, rounds, "photographs", ConvolutionNet.Run(images).Select(map =>
            Workload.FromArray(map.Name, new TensorShape([.. map.Shape.Select(size => (long)size)]), map.Elements)));
    }

    /// <summary>Measures tensors one by one, then adds what they give together.</summary>
    internal static void Measure(Report report, CodecIsa isa, int rounds, string name, IEnumerable<Workload> workloads)
    {
        var together = new Together(name);
        foreach (Workload workload in workloads)
        {
            using (workload)
            {
                PeerBench.Run(report, isa, rounds, workload, $"{name} {workload.Name}", together);
            }
        }

        together.AddTo(report);
    }
}
