using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu.Launches;

/// <summary>The codec's kernels on one GPU, by what they do. Safe from any thread.</summary>
internal sealed partial class GpuKernels : IDisposable
{
    private const int Threads = 256;
    private const int WarpsOfGroup = Threads / 32;
    private const int ScanPart = 4096;
    private const int FirstCapabilityWithRedux = 80;

    /// <summary>Groups of a multiprocessor that kernels with a loop over their work get: enough to hide memory's latency.</summary>
    private const int GroupsOfMultiprocessor = 16;

    private readonly CudaModule _module;
    private readonly int _loopGroups;

    internal GpuKernels(CudaContext context)
    {
        byte[] ptx = Ptx(context.Device.ComputeCapability >= FirstCapabilityWithRedux ? 80 : 70);
        _module = new CudaModule(context, ptx);
        _loopGroups = Math.Max(1, context.Device.Multiprocessors) * GroupsOfMultiprocessor;
        try
        {
            // Now, because a driver may load a kernel when it is first used, and wait for all of the GPU's work then.
            foreach (Match entry in Entry().Matches(Encoding.ASCII.GetString(ptx)))
            {
                _ = _module.Function(entry.Groups[1].Value);
            }
        }
        catch
        {
            _module.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _module.Dispose();

    /// <summary>Gives the embedded PTX of an architecture.</summary>
    /// <param name="architecture">70 or 80.</param>
    internal static byte[] Ptx(int architecture)
    {
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"codec_sm{architecture}.ptx")
            ?? throw new InvalidOperationException($"This build has no kernels for sm_{architecture}.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Finds the largest magnitudes and makes the scales.</summary>
    internal void Scan(CudaStream stream, ElementType type, in CodecArguments arguments)
    {
        long parts = (long)((arguments.PlaneElements + ScanPart - 1) / ScanPart) * arguments.Planes;
        Launch(stream, $"jpegact_scan_{Suffix(type)}", Math.Min(Groups(parts, WarpsOfGroup), _loopGroups), arguments);
        Launch(stream, "jpegact_scales", Groups(arguments.ScaleCount, Threads), arguments);
    }

    /// <summary>Makes masks, values and tile offsets.</summary>
    internal void Encode(CudaStream stream, ElementType type, CodecProfile profile, in CodecArguments arguments)
    {
        string? name = profile.Method switch
        {
            CodecMethod.JpegAct => profile.Rounding == QuantiserRounding.Nearest ? "encode_nearest" : "encode_truncate",
            CodecMethod.Sfpr => "sfpr_encode",
            CodecMethod.SfprZvc => "zvc_encode",
            CodecMethod.Brc => "brc_encode",
            _ => null,
        };
        if (name is not null)
        {
            Launch(stream, $"jpegact_{name}_{Suffix(type)}", arguments.Tiles, arguments);
        }

        if (profile.Method is not (CodecMethod.JpegAct or CodecMethod.SfprZvc))
        {
            Launch(stream, "jpegact_offsets", Groups(arguments.Tiles + 1L, Threads), arguments);
        }
    }

    /// <summary>Makes the tiles' checksums.</summary>
    internal void Checksum(CudaStream stream, in CodecArguments arguments) =>
        Launch(stream, "jpegact_checksums", Math.Min(Groups(arguments.Tiles, WarpsOfGroup), _loopGroups), arguments);

    /// <summary>Makes elements.</summary>
    internal void Decode(CudaStream stream, ElementType type, CodecMethod method, in CodecArguments arguments)
    {
        string name = method switch
        {
            CodecMethod.JpegAct => "decode",
            CodecMethod.Sfpr => "sfpr_decode",
            CodecMethod.SfprZvc => "zvc_decode",
            _ => "brc_decode",
        };
        Launch(stream, $"jpegact_{name}_{Suffix(type)}", arguments.Tiles, arguments);
    }

    /// <summary>Makes bfloat16 elements of other ones.</summary>
    internal void Narrow(CudaStream stream, ElementType type, in CodecArguments arguments) =>
        Launch(stream, $"jpegact_narrow_{Suffix(type)}", arguments.Tiles, arguments);

    /// <summary>Gives registers and local memory of the float32 kernels, as the driver compiled them for its GPU.</summary>
    internal IReadOnlyDictionary<string, string> Costs()
    {
        string[] names = ["scan", "encode_nearest", "encode_truncate", "decode", "sfpr_encode", "sfpr_decode", "zvc_encode", "zvc_decode", "brc_encode", "brc_decode", "narrow"];
        return names.Select(name => $"jpegact_{name}_float32").Append("jpegact_checksums").ToDictionary(name => name, name =>
        {
            (int registers, int local) = _module.Function(name).Cost;
            return $"{registers} registers, {local} bytes of local memory";
        });
    }

    [GeneratedRegex(@"^\.visible \.entry (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Entry();

    private static string Suffix(ElementType type) => type switch
    {
        ElementType.Float32 => "float32",
        ElementType.Float16 => "float16",
        _ => "bfloat16",
    };

    private static long Groups(long items, int each) => Math.Max(1, (items + each - 1) / each);

    private void Launch(CudaStream stream, string kernel, long groups, in CodecArguments arguments) =>
        _module.Function(kernel).Launch(stream, groups, Threads, in arguments);
}
