using System.Runtime.InteropServices;

namespace JpegActFpga.Cuda;

/// <summary>What this machine has of CUDA.</summary>
public sealed record CudaRuntimeReport
{
    /// <summary>Gets the library that was asked for.</summary>
    public required string Library { get; init; }

    /// <summary>Gets a value indicating whether it is the emulated GPU.</summary>
    public bool IsEmulated { get; init; }

    /// <summary>Gets the CUDA version that the driver supports, 1000 times major plus 10 times minor; 0 where unknown.</summary>
    public int DriverVersion { get; init; }

    /// <summary>Gets the GPUs.</summary>
    public IReadOnlyList<CudaDevice> Devices { get; init; } = [];

    /// <summary>Gets why no GPU can be used, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets what to do about it, or null.</summary>
    public string? Remedy { get; init; }
}

/// <summary>A GPU.</summary>
/// <param name="Index">Its index, as CUDA counts.</param>
/// <param name="Name">Its name; says so where it is emulated.</param>
/// <param name="ComputeCapability">Ten times major plus minor.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Multiprocessors">Its multiprocessors.</param>
/// <param name="MemoryBandwidth">Peak of its memory in bytes a second, from its clock and bus width; 0 where the driver does not say.</param>
/// <param name="BusId">Its place on the PCI bus.</param>
public sealed record CudaDevice(int Index, string Name, int ComputeCapability, long MemoryBytes, int Multiprocessors, double MemoryBandwidth, string BusId);

/// <summary>Looks at the driver and its GPUs. Safe from any thread.</summary>
public static unsafe class CudaRuntime
{
    private const int MultiprocessorCount = 16;
    private const int MemoryClockKilohertz = 36;
    private const int MemoryBusBits = 37;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    /// <summary>Looks at what there is; makes no context. Never throws for a machine without a GPU.</summary>
    public static CudaRuntimeReport Inspect()
    {
        var report = new CudaRuntimeReport { Library = CudaLibrary.Name };
        if (!CudaLibrary.TryLoad(out _))
        {
            return report with
            {
                Problem = $"The CUDA driver's library {CudaLibrary.Name} does not load.",
                Remedy = Environment.GetEnvironmentVariable(CudaLibrary.PathVariable) is { Length: > 0 }
                    ? $"Unset {CudaLibrary.PathVariable}, or name a library that is there."
                    : "A machine with an NVIDIA GPU needs NVIDIA's driver; without a GPU the CPU codec does the work.",
            };
        }

        report = report with { IsEmulated = CudaLibrary.IsEmulated };
        try
        {
            // The first call of all: where the driver's kernel module is stuck, it does not return.
            if (!LimitedCall.TryRun(() => Interop.cuInit(0), CudaContext.DefaultCallLimit, out int initialised))
            {
                return report with { Problem = $"The CUDA driver does not answer: cuInit did not return within {CudaContext.DefaultCallLimit.TotalSeconds:g4} s.", Remedy = "Look at dmesg for messages of the driver (NVRM, Xid); a reboot helps." };
            }

            Check(initialised, "cuInit");
            int version;
            int count;
            Check(Interop.cuDriverGetVersion(&version), "cuDriverGetVersion");
            Check(Interop.cuDeviceGetCount(&count), "cuDeviceGetCount");
            var devices = new List<CudaDevice>();
            for (int i = 0; i < count; i++)
            {
                devices.Add(Describe(i));
            }

            report = report with { DriverVersion = version, Devices = devices };
            return count > 0 ? report : report with { Problem = "The CUDA driver sees no GPU.", Remedy = "Check nvidia-smi and CUDA_VISIBLE_DEVICES." };
        }
        catch (CudaException error)
        {
            return report with { Problem = error.Message, Remedy = "See the message." };
        }
        catch (EntryPointNotFoundException error)
        {
            return report with { Problem = $"{CudaLibrary.Name} is no CUDA driver of version 11 or later: {error.Message}", Remedy = "Install a newer driver." };
        }
    }

    /// <summary>Describes one GPU.</summary>
    /// <param name="index">Its index.</param>
    internal static CudaDevice Describe(int index)
    {
        int device;
        nuint memory;
        Check(Interop.cuDeviceGet(&device, index), "cuDeviceGet", $"GPU {index}");
        Check(Interop.cuDeviceTotalMem_v2(&memory, device), "cuDeviceTotalMem");
        const int Room = 256;
        byte* text = stackalloc byte[Room];
        Check(Interop.cuDeviceGetName(text, Room, device), "cuDeviceGetName");
        string name = Marshal.PtrToStringUTF8((nint)text)!;
        string bus = Interop.cuDeviceGetPCIBusId(text, Room, device) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : "unknown";
        int capability = (10 * Attribute(device, CapabilityMajor)) + Attribute(device, CapabilityMinor);

        // Memory moves data at both edges of its clock.
        double bandwidth = 2.0 * 1000 * Math.Max(0, Attribute(device, MemoryClockKilohertz)) * Math.Max(0, Attribute(device, MemoryBusBits)) / 8;
        return new CudaDevice(index, name, capability, (long)memory, Attribute(device, MultiprocessorCount), bandwidth, bus);
    }

    /// <summary>Throws unless a result is success.</summary>
    /// <param name="result">The result.</param>
    /// <param name="function">The driver's function.</param>
    /// <param name="subject">What the call was about.</param>
    internal static void Check(int result, string function, string? subject = null)
    {
        if (result != 0)
        {
            throw new CudaException(function, result, subject);
        }
    }

    private static int Attribute(int device, int attribute)
    {
        int value;
        return Interop.cuDeviceGetAttribute(&value, attribute, device) == 0 ? value : 0;
    }
}
