using System.Runtime.InteropServices;

namespace JpegActFpga.Training.Native;

/// <summary>How torch's OpenMP threads wait for each other.</summary>
internal static partial class OpenMpWaiting
{
    private const string Variable = "OMP_WAIT_POLICY";

    /// <summary>
    /// Lets them sleep instead of spin, unless the user decided. Spinning threads take the processor from the codec and from
    /// whatever else runs: on a busy machine of two cores training was 25 times slower. OpenMP reads the variable when
    /// libtorch is loaded, so call this before; .NET's own setter does not reach native code.
    /// </summary>
    internal static void PreferSleeping()
    {
        if (SetEnv(Variable, "PASSIVE", overwrite: 0) != 0)
        {
            throw new InvalidOperationException($"setenv refused {Variable}: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
