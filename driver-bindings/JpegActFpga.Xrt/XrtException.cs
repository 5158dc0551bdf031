using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>A call into XRT failed. Immutable: safe from any thread.</summary>
public class XrtException : Exception
{
    private const int ErrnoPerm = 1;
    private const int ErrnoNoEnt = 2;
    private const int ErrnoIntr = 4;
    private const int ErrnoIO = 5;
    private const int ErrnoNXIO = 6;
    private const int ErrnoAgain = 11;
    private const int ErrnoNoMem = 12;
    private const int ErrnoAccess = 13;
    private const int ErrnoBusy = 16;
    private const int ErrnoNoDev = 19;
    private const int ErrnoInvalid = 22;
    private const int ErrnoFault = 14;
    private const int ErrnoNotSupported = 95;
    private const int ErrnoTimedOut = 110;

    /// <summary>Creates the exception for a failing call.</summary>
    /// <param name="function">The native function, as XRT names it.</param>
    /// <param name="errorNumber">errno after the call, 0 where XRT set none; the sign is dropped.</param>
    /// <param name="subject">What the call was about, with its values, or null.</param>
    public XrtException(string function, int errorNumber, string? subject = null)
        : base(Describe(function, Normalize(errorNumber), subject))
    {
        Function = function;
        ErrorNumber = Normalize(errorNumber);
    }

    /// <summary>Gets the native function that failed, as XRT names it.</summary>
    public string Function { get; }

    /// <summary>
    /// Gets errno after the call. 0 where XRT set none: it does so for only some failures, and for others leaves a number
    /// of some inner step, so use it for a decision only through <see cref="IsTransient"/> and <see cref="DeviceLost"/>.
    /// </summary>
    public int ErrorNumber { get; }

    /// <summary>Gets a value indicating whether the same call may succeed if tried again (EBUSY, EAGAIN, EINTR, ETIMEDOUT, EIO).</summary>
    public bool IsTransient => ErrorNumber is ErrnoBusy or ErrnoAgain or ErrnoIntr or ErrnoTimedOut or ErrnoIO;

    /// <summary>Gets a value indicating whether the card is gone (ENODEV, ENXIO): everything opened on it is of no more use.</summary>
    public bool DeviceLost => ErrorNumber is ErrnoNoDev or ErrnoNXIO;

    /// <summary>Gets a value indicating whether memory is short (ENOMEM): on the card, or pages to pin on the host.</summary>
    public bool IsOutOfMemory => ErrorNumber == ErrnoNoMem;

    /// <summary>Gets a value indicating whether the card or its driver has no such thing (EOPNOTSUPP, EINVAL, EFAULT): another kind of call may do.</summary>
    public bool IsUnsupported => ErrorNumber is ErrnoNotSupported or ErrnoInvalid or ErrnoFault;

    private static int Normalize(int errorNumber) => errorNumber == int.MinValue ? 0 : Math.Abs(errorNumber);

    private static string Describe(string function, int errorNumber, string? subject)
    {
        string about = subject is null ? string.Empty : $" ({subject})";
        return errorNumber == 0
            ? $"{function}{about} failed; XRT gave no errno. {Remedy(errorNumber)}"
            : string.Create(CultureInfo.InvariantCulture, $"{function}{about} failed with errno {errorNumber}, {Marshal.GetPInvokeErrorMessage(errorNumber)}. {Remedy(errorNumber)}");
    }

    private static string Remedy(int errorNumber) => errorNumber switch
    {
        ErrnoPerm or ErrnoAccess => "Check the permissions of the card's device nodes (/dev/dri/renderD*).",
        ErrnoNoEnt => "A name, file or handle does not exist on the card.",
        ErrnoIO => "A transfer failed; if it fails again, reset the card (xbutil reset) and look at dmesg.",
        ErrnoNXIO or ErrnoNoDev => "There is no such card, or it was removed or reset: close all and open it again.",
        ErrnoAgain or ErrnoIntr => "Try again.",
        ErrnoNoMem => "The memory bank is full: free buffers or ask for smaller ones.",
        ErrnoBusy => "Another user holds it: close other kernels or processes on the card, or try again.",
        ErrnoInvalid => "An argument does not fit the card or the loaded xclbin.",
        ErrnoTimedOut => "The card did not answer in time; if it does so again, reset the card (xbutil reset).",
        _ => $"Set {XrtLibrary.LogVariable}=console to see what XRT says about it.",
    };
}
