using System.Reflection;
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
    [Fact]
    public void Every_method_of_TorchSharp_stays_unoptimised_and_is_inlined_nowhere()
    {
        const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
        const MethodImplAttributes Wanted = MethodImplAttributes.NoInlining | MethodImplAttributes.NoOptimization;
        MethodBase[] methods = [.. typeof(torch).Assembly.GetTypes().SelectMany(type => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))];
        MethodBase[] withBody = [.. methods.Where(method => (method.Attributes & (MethodAttributes.Abstract | MethodAttributes.PinvokeImpl)) == 0 && (method.MethodImplementationFlags & MethodImplAttributes.Runtime) == 0)];
        Assert.InRange(withBody.Length, 5_000, int.MaxValue);
        Assert.DoesNotContain(withBody, method => (method.MethodImplementationFlags & Wanted) != Wanted);
    }

    [Fact]
    public void Marking_what_is_marked_changes_nothing_and_other_bytes_are_left_alone()
    {
        byte[] marked = File.ReadAllBytes(typeof(torch).Assembly.Location);
        byte[] again = [.. marked];
        Assert.Equal(0, new AssemblyMethods(again).Mark());
        Assert.Equal(marked, again);

        // An assembly that nothing marked: the methods' flags alone differ, a byte each, and are as reflection reads them.
        byte[] fresh = File.ReadAllBytes(typeof(HandleLifetimeTests).Assembly.Location);
        byte[] edited = [.. fresh];
        int count = new AssemblyMethods(edited).Mark();
        Assert.InRange(count, 100, int.MaxValue);
        Assert.Equal(count, fresh.Zip(edited).Count(pair => pair.First != pair.Second));
        Assert.All(fresh.Zip(edited).Where(pair => pair.First != pair.Second), pair => Assert.Equal(pair.First | AssemblyMethods.Unoptimised, pair.Second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    public void What_is_no_assembly_is_refused(int length)
    {
        Assert.Throws<InvalidDataException>(() => new AssemblyMethods(new byte[length]));
        byte[] cut = File.ReadAllBytes(typeof(torch).Assembly.Location)[..length];
        Assert.Throws<InvalidDataException>(() => new AssemblyMethods(cut));
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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static bool LocalOutlivesCollectionOptimised()
    {
        object local = new();
        var seen = new WeakReference(local);
        GC.Collect();
        return seen.IsAlive;
    }
}
