using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Backends.Tests.Kernels;

/// <summary>The host writes and reads each field where the kernels' <c>constants.hpp</c> says that it lies.</summary>
public class FieldPositionTests
{
    private delegate void Setter(ref Descriptor descriptor);

    [Fact]
    public void Descriptors_are_written_where_the_kernels_read_them()
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        var tested = new HashSet<string>();
        void Demand(Setter set, params (string Field, ulong Value)[] fields)
        {
            ulong[] expected = new ulong[KernelInterface.DescriptorBytes / sizeof(ulong)];
            foreach ((string field, ulong value) in fields)
            {
                (int lane, int low, int bits) = KernelSources.Field("descriptor", field);
                Assert.True(bits == 64 || value >> bits == 0, $"{field} has {bits} bits");
                expected[lane] |= value << low;
                tested.Add(field);
            }

            using var memory = new NativeBuffer(2 * KernelInterface.DescriptorBytes);
            memory.Bytes.Clear();
            var descriptor = new Descriptor(memory.Bytes, 1);
            set(ref descriptor);
            Assert.Equal(expected, memory.Bytes.Cast<ulong>().AsSpan(expected.Length, expected.Length).ToArray());
        }

        const ulong Long = 0x0123456789abcdef;
        Demand((ref d) => d.DataWord = (long)Long, ("kDataWord", Long));
        Demand((ref d) => d.MasksWord = (long)Long, ("kMasksWord", Long));
        Demand((ref d) => d.ValuesWord = (long)Long, ("kValuesWord", Long));
        Demand((ref d) => d.ValueBytes = (long)Long, ("kValueBytes", Long));
        Demand((ref d) => d.TileOffsetsWord = (long)Long, ("kTileOffsetsWord", Long));
        Demand((ref d) => d.FullScale = 1.125f, ("kFullScale", BitConverter.SingleToUInt32Bits(1.125f)));
        Demand(
            (ref d) => d.SetWork(CodecMethod.SfprZvc, CardElement.BFloat16, QuantiserRounding.Truncate, 0xa5, 0x1234567),
            ("kMethod", 3), ("kElementType", 3), ("kRounding", 1), ("kFlags", 0xa5), ("kBlockCount", 0x1234567));
        byte[] shifts = [.. Enumerable.Range(0, ShiftTable.Count).Select(k => (byte)(k * 5 % 8))];
        ulong[] packed = [.. Enumerable.Range(0, 4).Select(word => Enumerable.Range(0, 16).Aggregate(0UL, (sum, k) => sum | ((ulong)shifts[(16 * word) + k] << (4 * k))))];
        Demand((ref d) => d.SetShifts(shifts), ("kShifts0", packed[0]), ("kShifts1", packed[1]), ("kShifts2", packed[2]), ("kShifts3", packed[3]));
        var part = new TensorPart(
            FirstBlock: 0, BlockCount: 1, BlocksPerRow: 0x11111111, FirstColumn: 0x22222222, PositionsPerScale: 0x3333333344444444, FirstPosition: 0x5555555566666666, Positions: 8, FirstPlane: 0);
        Demand(
            (ref d) => d.SetScales(part, count: 0x7777, first: 0x6666, word: (long)Long),
            ("kBlocksPerRow", 0x11111111), ("kFirstColumn", 0x22222222), ("kPositionsPerScale", 0x3333333344444444), ("kFirstPosition", 0x5555555566666666), ("kScaleCount", 0x7777), ("kFirstScale", 0x6666), ("kScalesWord", Long));

        IEnumerable<string> all = KernelSources.Constants.GetProperty("descriptor").EnumerateObject().Select(field => field.Name);
        Assert.Equal(all.Except(["kReserved"]).Order(), tested.Order());
    }

    [Fact]
    public void Results_are_read_where_the_kernels_write_them()
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        var getters = new Dictionary<string, Func<LaunchResult, ulong>>
        {
            ["kVersion"] = result => result.Layout,
            ["kStatus"] = result => result.Status,
            ["kValueBytes"] = result => result.ValueBytes,
            ["kFirstWord"] = result => result.FirstValuesWord,
            ["kBlockCount"] = result => result.BlockCount,
            ["kIndex"] = result => result.Index,
            ["kMaskSum"] = result => result.MaskSum,
            ["kWrittenSum"] = result => result.WrittenSum,
            ["kReadSum"] = result => result.ReadSum,
            ["kDescriptorSum"] = result => result.IndexSum,
        };
        string[] all = [.. KernelSources.Constants.GetProperty("result").EnumerateObject().Select(field => field.Name)];
        Assert.Equal(all.Order(), getters.Keys.Order());
        foreach (string written in all)
        {
            (int lane, int low, int bits) = KernelSources.Field("result", written);
            ulong ones = ulong.MaxValue >> (64 - bits);
            using var memory = new NativeBuffer(2 * LaunchResult.Bytes);
            memory.Bytes.Clear();
            memory.Bytes.Cast<ulong>()[(LaunchResult.Bytes / sizeof(ulong)) + lane] = ones << low;
            LaunchResult result = LaunchResult.Read(memory.Bytes, 1);
            foreach ((string read, Func<LaunchResult, ulong> get) in getters)
            {
                Assert.Equal(read == written ? ones : 0, get(result));
            }
        }
    }
}
