using System.Runtime.InteropServices;

namespace JpegActFpga.Cuda;

/// <summary>A call of the CUDA driver failed. Immutable: safe from any thread.</summary>
public sealed class CudaException : Exception
{
    internal const int OutOfMemoryResult = 2;
    internal const int NotReadyResult = 600;

    private const int LaunchTimeoutResult = 702;
    private const int InvalidPtx = 218;
    private const int NoBinaryForGpu = 209;
    private const int UnsupportedPtx = 222;

    /// <summary>Initializes a new instance of the <see cref="CudaException"/> class.</summary>
    /// <param name="function">The driver's function.</param>
    /// <param name="result">The CUresult.</param>
    /// <param name="subject">What the call was about, with its values, or null.</param>
    public CudaException(string function, int result, string? subject = null)
        : base($"{function}{(subject is null ? string.Empty : $" ({subject})")} failed with {NameOf(result)} ({result}), {TextOf(result)}. {Remedy(result)}")
    {
        Function = function;
        Result = result;
    }

    private CudaException(string function, string message)
        : base(message) => (Function, Result) = (function, LaunchTimeoutResult);

    /// <summary>Gets the driver's function that failed.</summary>
    public string Function { get; }

    /// <summary>Gets the CUresult.</summary>
    public int Result { get; }

    /// <summary>Gets a value indicating whether memory was short: the same call may succeed later.</summary>
    public bool OutOfMemory => Result == OutOfMemoryResult;

    /// <summary>Gets a value indicating whether the context is of no more use, for this library and for torch alike, until the process ends.</summary>
    public bool DeviceLost => IsSticky(Result);

    /// <summary>The host gave a context up whose GPU does not answer; counts as <see cref="DeviceLost"/>.</summary>
    /// <param name="function">The driver's function that does not end, or whose work does not.</param>
    /// <param name="reason">Why, and what to do: the whole message.</param>
    internal static CudaException GivenUp(string function, string reason) => new(function, reason);

    /// <summary>The error once more, for a later call in the lost context.</summary>
    internal CudaException Again() => Result == LaunchTimeoutResult ? new CudaException(Function, Message) : new CudaException(Function, Result, "earlier in this context");

    /// <summary>Tells whether a result stays: every later call in the context gives it again.</summary>
    /// <param name="result">A CUresult.</param>
    internal static bool IsSticky(int result) => result is
        4 or 46 or 201 or 214 or 220 or 226 // deinitialised, device unavailable, context gone, memory or link error, contained error
        or 700 or 702 or 709 or 710 or >= 714 and <= 719 // illegal address, timeout, context destroyed, assertion, hardware and launch errors
        or 999;

    private static unsafe string NameOf(int result)
    {
        byte* text;
        return CudaLibrary.TryLoad(out _) && Interop.cuGetErrorName(result, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : "a CUDA error";
    }

    private static unsafe string TextOf(int result)
    {
        byte* text;
        return CudaLibrary.TryLoad(out _) && Interop.cuGetErrorString(result, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : "which this driver has no text for";
    }

    private static string Remedy(int result) => result switch
    {
        1 => "An argument does not fit: report this with the message.",
        OutOfMemoryResult => "Device or page-locked memory is short: use a smaller batch, or end other programs on the GPU (nvidia-smi lists them).",
        3 => "The driver was not initialised.",
        100 => "The driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES.",
        101 => "There is no GPU of that index: check nvidia-smi and CUDA_VISIBLE_DEVICES.",
        NoBinaryForGpu or InvalidPtx or UnsupportedPtx => "The driver is too old for the kernels (CUDA 11 or later is needed), or the GPU is (compute capability 7.0 or later).",
        701 => "The GPU has too few registers or too little shared memory for the launch.",
        802 => "The system's fabric manager is not ready: start nvidia-fabricmanager.",
        803 => "The driver's library and its kernel module differ: reboot, or install both anew.",
        _ when IsSticky(result) => "The GPU's context is lost: end the process and start it again; if it comes back, look at dmesg for Xid messages.",
        _ => "Look at dmesg for messages of the driver (NVRM).",
    };
}
