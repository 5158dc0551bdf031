using JpegActFpga.Codec.Tests;
using JpegActFpga.Codec.Tests.Simd;

// The executable is its own child process for what is decided once a process: the instruction set.
if (args is ["--child", string expected])
{
    return IsaChild.Run(expected);
}

return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
