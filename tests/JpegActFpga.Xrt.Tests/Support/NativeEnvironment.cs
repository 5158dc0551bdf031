using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt.Tests;

/// <summary>The environment that native code sees: <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not change it.</summary>
internal static partial class NativeEnvironment
{
    public static string? Get(string name) => Marshal.PtrToStringUTF8(GetEnv(name));

    public static void Set(string name, string value)
    {
        if (SetEnv(name, value, overwrite: 1) != 0)
        {
            throw new InvalidOperationException($"setenv {name} failed, errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnv(string name);

    [LibraryImport("libc.so.6", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
