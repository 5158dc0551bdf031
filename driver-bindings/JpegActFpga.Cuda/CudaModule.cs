using System.Runtime.InteropServices;
using System.Text;

namespace JpegActFpga.Cuda;

/// <summary>Kernels that the driver compiled for its GPU.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed unsafe class CudaModule : IDisposable
{
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBytes = 6;
    private const int LogBytes = 8192;

    private readonly CudaContext _context;
    private readonly SafeModuleHandle _handle;
    private readonly Dictionary<string, CudaFunction> _functions = [];
    private readonly Lock _lock = new();

    /// <summary>Initializes a new instance of the <see cref="CudaModule"/> class: the driver compiles the PTX, or takes it from its cache.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="ptx">PTX as text, without a zero at its end.</param>
    /// <exception cref="CudaException">The driver refused; the message holds its compiler's log.</exception>
    public CudaModule(CudaContext context, ReadOnlySpan<byte> ptx)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        byte[] image = new byte[ptx.Length + 1];
        ptx.CopyTo(image);
        nint module = 0;
        string? said = null;
        context.CallWithinLimit("cuModuleLoadDataEx", () => Load(image, out module, out said), () => said);
        _handle = new SafeModuleHandle(context, module);
    }

    /// <summary>Gives a kernel; looked up once.</summary>
    /// <param name="name">Its name in the PTX.</param>
    /// <exception cref="CudaException">There is no such kernel.</exception>
    public CudaFunction Function(string name)
    {
        lock (_lock)
        {
            if (_functions.TryGetValue(name, out CudaFunction? known))
            {
                return known;
            }

            // A driver that loads kernels when they are first asked for may wait for the GPU then.
            nint function = 0;
            _context.CallWithinLimit("cuModuleGetFunction", () => Find(name, out function), () => name);
            return _functions[name] = new CudaFunction(_context, name, function);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Load(byte[] image, out nint module, out string? said)
    {
        byte* log = stackalloc byte[LogBytes];
        log[0] = 0;
        int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBytes };
        nint* values = stackalloc nint[] { (nint)log, LogBytes };
        nint loaded = 0;
        fixed (byte* start = image)
        {
            int result = Interop.cuModuleLoadDataEx(&loaded, start, 2, options, values);
            module = loaded;
            said = result == 0 || log[0] == 0 ? null : Marshal.PtrToStringUTF8((nint)log)!.Trim();
            return result;
        }
    }

    private int Find(string name, out nint function)
    {
        nint found = 0;
        fixed (byte* text = Encoding.ASCII.GetBytes(name + '\0'))
        {
            int result = Interop.cuModuleGetFunction(&found, _handle.DangerousGetHandle(), text);
            function = found;
            return result;
        }
    }
}

/// <summary>A kernel. Valid as long as its module; safe from any thread.</summary>
public sealed unsafe class CudaFunction
{
    private const int LocalBytesAttribute = 3;
    private const int RegistersAttribute = 4;

    private readonly CudaContext _context;
    private readonly nint _native;

    internal CudaFunction(CudaContext context, string name, nint native) => (_context, Name, _native) = (context, name, native);

    /// <summary>Gets its name.</summary>
    public string Name { get; }

    /// <summary>Gets the registers of a thread and the bytes of local memory, as compiled for this GPU; 0 where that is not known.</summary>
    public (int Registers, int LocalBytes) Cost
    {
        get
        {
            using (_context.Enter())
            {
                int registers;
                int local;
                _context.Check(Interop.cuFuncGetAttribute(&registers, RegistersAttribute, _native), "cuFuncGetAttribute", Name);
                _context.Check(Interop.cuFuncGetAttribute(&local, LocalBytesAttribute, _native), "cuFuncGetAttribute", Name);
                return (registers, local);
            }
        }
    }

    /// <summary>Puts a launch on a stream.</summary>
    /// <typeparam name="T">The kernel's one argument, laid out as in its source.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="groups">Thread groups, 1 .. 2^31 - 1.</param>
    /// <param name="threads">Threads of a group.</param>
    /// <param name="argument">The argument; copied.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void Launch<T>(CudaStream stream, long groups, int threads, in T argument)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, int.MaxValue);
        using (_context.Enter())
        {
            fixed (T* first = &argument)
            {
                void* parameter = first;
                _context.Check(Interop.cuLaunchKernel(_native, (uint)groups, 1, 1, (uint)threads, 1, 1, 0, stream.Native, &parameter, null), "cuLaunchKernel", $"{Name}, {groups} groups");
            }
        }
    }
}
