using JpegActFpga.Faults.Tests.Soak;

// The soak is a run of minutes or hours that somebody asks for: ./build.sh bench soak --minutes 20 --seed 1
if (args is ["soak", .. string[] options])
{
    return SoakProgram.Run(options);
}

return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, JpegActFpga.Faults.Tests.SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
