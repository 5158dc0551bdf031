using System.Runtime.InteropServices;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Makes libtorch's autograd engine ask us for saved-variable hooks.
/// </summary>
/// <remarks>
/// Each time a node saves a tensor, libtorch calls the virtual <c>Engine::get_default_saved_variable_hooks()</c>, which the
/// base engine answers with null (Python's engine overrides it). We clone the engine's virtual table, replace that one entry,
/// and point the engine, a process-wide singleton, to the clone.
/// </remarks>
internal static unsafe class AutogradEngine
{
    private const int HooksSlot = 5;
    private const string EngineName = "_ZN5torch8autograd6Engine";

    /// <summary>The table's entries in order, as exported symbols; null where the function is not exported.</summary>
    private static readonly string?[] Slots =
    [
        EngineName + "D1Ev",
        EngineName + "D0Ev",
        EngineName + "7executeERKSt6vectorINS0_4EdgeESaIS3_EERKS2_IN2at6TensorESaIS9_EEbbbS7_",
        EngineName + "23execute_with_graph_taskERKSt10shared_ptrINS0_9GraphTaskEES2_INS0_4NodeEEONS0_11InputBufferE",
        null, // make_anomaly_metadata
        null, // get_default_saved_variable_hooks
        EngineName + "19thread_on_exceptionERKSt10shared_ptrINS0_9GraphTaskEERKS2_INS0_4NodeEERSt9exception",
        EngineName + "11thread_initEiRKSt10shared_ptrINS0_10ReadyQueueEEb",
        EngineName + "11thread_mainERKSt10shared_ptrINS0_9GraphTaskEE",
    ];

    /// <summary>Checks the layout, then installs. Call once, under a lock.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux x86-64, or not the layout that we know; nothing was changed.</exception>
    /// <exception cref="DllNotFoundException">libtorch does not load.</exception>
    /// <exception cref="EntryPointNotFoundException">libtorch does not export a symbol that we need.</exception>
    public static void Install()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new PlatformNotSupportedException(
                $"they know the C++ ABI of Linux x86-64 only, and this is {RuntimeInformation.RuntimeIdentifier}");
        }

        TorchRuntime.EnsureLoaded();
        nint torchCpu = TorchRuntime.HandleOfLoaded("libtorch_cpu.so");
        nint engine = ((delegate* unmanaged<nint>)Export(torchCpu, EngineName + "18get_default_engineEv"))();
        nint* table = *(nint**)engine;
        CheckLayout(torchCpu, engine, table);

        HookObject.Prepare(torchCpu);
        AutogradNodes.Prepare(torchCpu);
        *(nint*)engine = (nint)CloneWithOurSlot(table);

        // Native threads may still build graphs while the runtime shuts down: no calls into managed code from then on.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Volatile.Write(ref *(nint*)engine, (nint)table);
    }

    /// <summary>Address of an exported symbol.</summary>
    /// <exception cref="EntryPointNotFoundException">There is none of that name.</exception>
    public static nint Export(nint library, string symbol) => NativeLibrary.GetExport(library, symbol);

    private static void CheckLayout(nint torchCpu, nint engine, nint* table)
    {
        // A virtual table's address point lies past two words: the offset to the top and the type info.
        nint expected = Export(torchCpu, "_ZTVN5torch8autograd6EngineE") + (2 * sizeof(nint));
        if ((nint)table != expected)
        {
            throw new PlatformNotSupportedException("another component (such as Python's torch) has replaced the autograd engine");
        }

        for (int slot = 0; slot < Slots.Length; slot++)
        {
            if (Slots[slot] is { } symbol && table[slot] != Export(torchCpu, symbol))
            {
                throw new PlatformNotSupportedException(
                    $"entry {slot} of the autograd engine's virtual table is not {symbol}: this libtorch is not 2.10 or alike");
            }
        }

        // The base implementation returns a null unique_ptr through a hidden first argument.
        nint result = 0x55;
        nint* returned = ((delegate* unmanaged<nint*, nint, nint*>)table[HooksSlot])(&result, engine);
        if (result != 0 || returned != &result)
        {
            throw new PlatformNotSupportedException(
                $"entry {HooksSlot} of the autograd engine's virtual table is not get_default_saved_variable_hooks");
        }
    }

    private static nint* CloneWithOurSlot(nint* table)
    {
        nint* clone = (nint*)NativeMemory.AllocZeroed((nuint)(2 + Slots.Length), (nuint)sizeof(nint));
        for (int word = 0; word < 2 + Slots.Length; word++)
        {
            clone[word] = table[word - 2];
        }

        clone[2 + HooksSlot] = (nint)(delegate* unmanaged<nint*, nint, nint*>)&HookObject.GetDefaultHooks;
        return clone + 2;
    }
}
