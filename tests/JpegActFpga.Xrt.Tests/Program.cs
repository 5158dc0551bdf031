using JpegActFpga.Xrt.Tests;

if (args is ["--child", string scenario])
{
    return ChildScenarios.Run(scenario);
}

return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
