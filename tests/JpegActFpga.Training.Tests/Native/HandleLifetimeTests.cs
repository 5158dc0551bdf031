using System.Runtime.CompilerServices;
using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.Tests.Native;

/// <summary>
/// TorchSharp's raw handles are safe from the garbage collector only while its code keeps its arguments alive to the end of
/// a method, which optimised code does not.
/// </summary>
public sealed class HandleLifetimeTests
{
    // Above 65,535, the most calls that the runtime can be told to wait for.
    private const int ManyCalls = 200_000;

    [Fact]
    public void Code_called_often_keeps_its_locals_alive()
    {
        // The pauses give a compilation in the background, which must not come, the time to come.
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < ManyCalls; i++)
            {
                LocalOutlivesCollection(collect: false);
            }

            Thread.Sleep(50);
            Assert.True(LocalOutlivesCollection(collect: true), $"a method was optimised for being called often, in round {round}");
        }
    }

    // As what is tested here would be for nothing, if it did.
    [Fact]
    public void Optimised_code_does_not() => Assert.False(LocalOutlivesCollectionOptimised());

    // A handle that is freed in mid-call ends the process, or gives a wrong sum.
    [Fact]
    public void Operators_called_often_survive_collections()
    {
        TorchRuntime.EnsureLoaded();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            Assert.Equal(0, WrongSums(20_000));
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int WrongSums(int rounds)
    {
        int wrong = 0;
        for (int i = 0; i < rounds; i++)
        {
            // Nothing is disposed of, as in most code for TorchSharp: each intermediate lives until a collection finds it.
            wrong += ((torch.ones(64) * 2.0f) + 1.0f).sum().item<float>() == 192 ? 0 : 1;
        }

        return wrong;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LocalOutlivesCollection(bool collect)
    {
        object local = new();
        WeakReference? seen = collect ? new(local) : null;
        if (collect)
        {
            GC.Collect();
        }

        return seen is null || seen.IsAlive;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static bool LocalOutlivesCollectionOptimised()
    {
        object local = new();
        var seen = new WeakReference(local);
        GC.Collect();
        return seen.IsAlive;
    }
}
