using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>docs/json.md: each document has the fields of its table, of their types, and no others.</summary>
public sealed class JsonDocumentTests : TemporaryFolder
{
    private static readonly Dictionary<string, Dictionary<string, string>> Tables = ReadTables();

    public static TheoryData<string> OnACard => new("doctor", "devices", "link --largest 1 --transfers 5", "validate --quick");

    [Theory]
    [MemberData(nameof(OnACard))]
    public async Task Documents_of_a_card_are_as_documented(string line)
    {
        JsonElement document = (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. line.Split(' '), "--json"])).Exits(0).Json();
        Check(document, line.Split(' ')[0]);
    }

    [Fact]
    public async Task The_document_of_a_training_is_as_documented()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");
        string[] options = ["--images", "128", "--test-images", "10", "--epochs", "1", "--method", "recompute,jpeg-act", "--trace", At("out.trace"), "--json", "-"];
        JsonElement document = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "error@40*3")), ["train", .. options])).Exits(0).Json();
        Check(document, "train");
        JsonElement[] runs = [.. document.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["uncompressed", "recompute", "jpeg-act"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.All(new[] { "work", "fallbacks", "events", "savedTensors", "layers", "kernelTimes", "losses" }, part => Assert.NotEmpty(runs[2].GetProperty(part).EnumerateArray()));
    }

    [Fact]
    public async Task Documents_of_files_are_as_documented()
    {
        string input = Put("a.npy", Npy.Of("<f4", [2, 8, 8], Npy.Bytes(Npy.Activation(128, seed: 3))));
        Check((await CommandLine.RunAsync("compress", input, At("a.jac"), "--json")).Exits(0).Json(), "compress");
        Check((await CommandLine.RunAsync("decompress", At("a.jac"), At("b.npy"), "--json")).Exits(0).Json(), "decompress");
        Check((await CommandLine.RunAsync("inspect", At("a.jac"), "--json")).Exits(0).Json(), "inspect");
        Check((await CommandLine.RunAsync("inspect", input, "--json")).Exits(1).Json(), "inspect");
    }

    [Theory]
    [InlineData(1, "inspect", "/none.jac", "--json")]
    [InlineData(2, "train", "--batch", "1", "--json", "-")]
    [InlineData(3, "devices", "--json")]
    public async Task An_error_is_a_document_too(int status, params string[] line)
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.None, line)).Exits(status);
        JsonElement document = result.Json();
        Assert.Equal(["schemaVersion", "command", "exitCode", "error"], document.EnumerateObject().Select(field => field.Name));
        Assert.Equal((line[0], status), (document.GetProperty("command").GetString(), document.GetProperty("exitCode").GetInt32()));
        Assert.Equal($"jpegact: {document.GetProperty("error").GetString()}\n", result.Error);
    }

    private static void Check(JsonElement document, string command)
    {
        Assert.Equal(command, document.GetProperty("command").GetString());
        Check(document, command, command, ["schemaVersion", "command"]);
    }

    private static void Check(JsonElement value, string table, string path, string[] more)
    {
        Dictionary<string, string> fields = Tables[table];
        Assert.Equal(fields.Keys.Concat(more).Order(), value.EnumerateObject().Select(field => field.Name).Order());
        foreach ((string name, string type) in fields)
        {
            CheckType(value.GetProperty(name), type, $"{path}.{name}");
        }
    }

    private static void CheckType(JsonElement value, string type, string path)
    {
        if (type.EndsWith(" or null", StringComparison.Ordinal))
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                return;
            }

            type = type[..^" or null".Length];
        }

        foreach (string list in new[] { "array of 8 arrays of 8 ", "array of " })
        {
            if (type.StartsWith(list, StringComparison.Ordinal))
            {
                string of = type[list.Length..].Replace("integers", "integer", StringComparison.Ordinal);
                IEnumerable<JsonElement> entries = list == "array of " ? value.EnumerateArray() : value.EnumerateArray().SelectMany(row => row.EnumerateArray());
                foreach (JsonElement entry in entries)
                {
                    CheckType(entry, of, $"{path}[]");
                }

                return;
            }
        }

        if (type.StartsWith('['))
        {
            Check(value, type[1..type.IndexOf(']', StringComparison.Ordinal)], path, []);
            return;
        }

        bool right = type switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "true/false" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "object of integers" => value.EnumerateObject().All(entry => entry.Value.TryGetInt64(out _)),
            _ => throw new InvalidDataException($"docs/json.md gives {path} the type '{type}'"),
        };
        Assert.True(right, $"{path} is {value.GetRawText()}; docs/json.md says {type}");
    }

    // "## name", then a table of fields, types and what they are.
    private static Dictionary<string, Dictionary<string, string>> ReadTables()
    {
        var tables = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        Dictionary<string, string>? table = null;
        foreach (string line in File.ReadLines(Path.Combine(CommandLine.Repository, "docs", "json.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                tables.Add(line[3..], table = new Dictionary<string, string>(StringComparer.Ordinal));
            }
            else if (table is not null && line.StartsWith("| `", StringComparison.Ordinal))
            {
                string[] cells = line.Split('|', 5, StringSplitOptions.TrimEntries);
                table.Add(cells[1].Trim('`'), cells[2]);
            }
        }

        return tables;
    }
}
