using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>What a run of the program gave.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Parses standard output as one JSON document with a version.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Output);
        JsonElement root = document.RootElement.Clone();
        Assert.Equal(1, root.GetProperty("schemaVersion").GetInt32());
        return root;
    }

    /// <summary>Demands an exit status, showing what the program said where it is another.</summary>
    public CommandResult Exits(int code)
    {
        Assert.True(ExitCode == code, $"exit status {ExitCode}, not {code}\nstdout: {Output}\nstderr: {Error}");
        return this;
    }

    /// <summary>Demands a failure with one line on standard error that has all the parts, and nothing on standard output.</summary>
    public void Refuses(int code, params ReadOnlySpan<string> parts)
    {
        Exits(code);
        Assert.StartsWith("jpegact: ", Error, StringComparison.Ordinal);
        Assert.Equal(1, Error.Count(c => c == '\n'));
        Assert.Empty(Output);
        foreach (string part in parts)
        {
            Assert.Contains(part, Error, StringComparison.Ordinal);
        }
    }
}

/// <summary>Runs the built program as a child process.</summary>
public static class CommandLine
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Gets the path of the program.</summary>
    public static string Program { get; } = Find();

    /// <summary>Gets the repository's root.</summary>
    public static string Repository => Path.GetFullPath("../../../..", Path.GetDirectoryName(Program)!);

    /// <summary>Runs the program.</summary>
    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    /// <summary>Runs the program with a changed environment; null removes a variable.</summary>
    public static Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        RunProgramAsync(Program, environment, arguments);

    /// <summary>Runs a program that was built beside this one, with a changed environment.</summary>
    public static async Task<CommandResult> RunProgramAsync(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        process.Start();
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Path.GetFileNameWithoutExtension(program)} {string.Join(' ', arguments)} ran past {Limit}");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "JpegActFpga.sln")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);

        // The name of this test's own output folder starts with the configuration, and so does the program's.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0];
        string program = Path.Join(folder.FullName, "artifacts", "bin", "JpegActFpga.Cli", $"{configuration}_linux-x64", "jpegact.dll");
        Assert.True(File.Exists(program), $"{program} is not built");
        return program;
    }
}
