using System.Runtime.InteropServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>One copy kernel, ready to run on 32-bit words. Owns the card object that it is given.</summary>
internal sealed class CopySession : IDisposable
{
    public CopySession(XrtDevice device, Guid xclbin, int words, string kernel = "copy_words:{copy_words_1}")
    {
        Device = device;
        Words = words;
        Kernel = XrtKernel.Open(device, xclbin, kernel);
        Input = XrtBuffer.Allocate(device, words * sizeof(uint), Kernel.GetBank(0));
        Output = XrtBuffer.AllocateUserPointer(device, words * sizeof(uint), Kernel.GetBank(1));
        Run = OpenRun();
    }

    public XrtDevice Device { get; }

    public int Words { get; }

    public XrtKernel Kernel { get; }

    public XrtBuffer Input { get; }

    public XrtBuffer Output { get; }

    public XrtRun Run { get; }

    public Span<uint> InputWords => MemoryMarshal.Cast<byte, uint>(Input.AsSpan(0, Words * sizeof(uint)));

    public Span<uint> OutputWords => MemoryMarshal.Cast<byte, uint>(Output.AsSpan(0, Words * sizeof(uint)));

    public XrtRun OpenRun()
    {
        XrtRun run = XrtRun.Open(Kernel);
        run.SetArgument(0, Input);
        run.SetArgument(1, Output);
        run.SetArgument(2, (uint)Words);
        return run;
    }

    /// <summary>Copies values through the card, and checks what comes back.</summary>
    public void CheckRoundTrip(XrtRun run, uint seed)
    {
        for (int i = 0; i < Words; i++)
        {
            InputWords[i] = seed + (uint)i;
        }

        Input.Sync(XrtSyncDirection.ToDevice);
        run.Start();
        run.WaitCompleted(CardTest.Patience);
        Output.Sync(XrtSyncDirection.FromDevice);
        Assert.True(InputWords.SequenceEqual(OutputWords), "the copy differs");
    }

    public void Dispose()
    {
        Run.Dispose();
        Output.Dispose();
        Input.Dispose();
        Kernel.Dispose();
        Device.Dispose();
    }
}
