using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class NpyRefusalTests : TemporaryFolder
{
    private const string Tail = "'fortran_order': False, 'shape': (2, 2), }";

    /// <summary>Header text, and what the line must say.</summary>
    public static TheoryData<string, string[]> Headers => new()
    {
        { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", ["Fortran order", "np.ascontiguousarray"] },
        { "{'descr': '>f4', " + Tail, ["'>f4'", "big-endian", "'<f4'"] },
        { "{'descr': '<f8', " + Tail, ["'<f8'", "not float32", "dtype='<f4'"] },
        { "{'descr': '|u1', " + Tail, ["'|u1'"] },
        { "{'descr': '|O', " + Tail, ["'|O'", "pickled", "never read"] },
        { "{'descr': [('x', '<f4'), ('y', '<f4')], " + Tail, ["structured", "('x', '<f4')"] },
        { "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2), }", ["'fortran_order' is 0"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 2], }", ["[2, 2]", "not a tuple"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (4), }", ["shape 4 is not a tuple"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }", ["size -1"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, True), }", ["True", "whole number"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': ('2',), }", ["'2'", "whole number"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2), }", ["99999999999999999999", "2^58"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", ["more than 2^58 elements"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (" + string.Join(", ", Enumerable.Repeat("1", 65)) + "), }", ["Rank 65"] },
        { "{'descr': '<f4', 'fortran_order': False, }", ["lacks the key 'shape'"] },
        { "{'descr': '<f4', 'shape': (2, 2), }", ["lacks the key 'fortran_order'"] },
        { "{" + Tail, ["lacks the key 'descr'"] },
        { "{'descr': '<f4', 'more': 1, " + Tail, ["unknown key 'more'"] },
        { "{'descr': '<f4', 'descr': '<f4', " + Tail, ["'descr' twice"] },
        { "(1, 2)", ["not a dict"] },
        { "__import__('os').system('true')", ["no Python literal", "character 0"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)", ["no Python literal"] },
        { "{'descr': '<f4, " + Tail, ["no Python literal"] },
        { "{'descr': '<f4', " + Tail + " 1", ["the end of the header"] },
        { "{'descr': " + new string('(', 5000) + ", " + Tail, ["nests deeper"] },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (" + new string('9', 5000) + ",), }", ["5000 digits"] },
        { "{'descr': '\u001b[31m', " + Tail, ["\\x1b[31m"] },
        { string.Empty, ["no Python literal"] },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task A_header_that_is_not_ours_is_refused_with_its_value(string header, string[] parts) =>
        await RefusesAsync(Npy.WithHeader(header, new byte[16]), parts);

    [Fact]
    public async Task Other_files_are_refused()
    {
        await RefusesAsync([], "is empty");
        await RefusesAsync("PK\x3\x4 not an array"u8.ToArray(), "no .npy file", "np.save");
        await RefusesAsync([0x93, .. "NUMPY"u8], "inside the header");
        await RefusesAsync([0x93, .. "NUMPY"u8, 4, 0, 10, 0, 0, 0], "version 4.0");
        await RefusesAsync([0x93, .. "NUMPY"u8, 1, 1, 10, 0, 0, 0], "version 1.1");
        await RefusesAsync([0x93, .. "NUMPY"u8, 1, 0, 200, 0, 32, 32], "inside the header");
        await RefusesAsync([0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0xff, 32, 32], "4294967295", "at most 65536");
        await RefusesAsync([0x93, .. "NUMPY"u8, 3, 0, 2, 0, 0, 0, 0xff, 0xfe], "not UTF-8");
    }

    [Fact]
    public async Task Data_of_another_size_than_the_shape_is_refused()
    {
        await RefusesAsync(Npy.Of("<f4", [2, 2], new byte[15]), "cut short", "needs 16 bytes", "there are 15");
        await RefusesAsync(Npy.Of("<f4", [2, 2], new byte[17]), "1 bytes follow the 16 bytes");
        await RefusesAsync(Npy.Of("<f4", [1L << 50], new byte[16]), "cut short", "4503599627370496");
    }

    private async Task RefusesAsync(byte[] file, params string[] parts)
    {
        CommandResult result = await CommandLine.RunAsync("compress", Put("a.npy", file), At("a.jac"));
        result.Refuses(1, [At("a.npy"), .. parts]);
        Assert.All(result.Error.TrimEnd('\n'), c => Assert.False(char.IsControl(c)));
        Assert.Equal(["a.npy"], Files);
    }
}
