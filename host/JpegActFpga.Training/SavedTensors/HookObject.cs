using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Our <c>torch::autograd::SavedVariableHooks</c>: a native object of two words, the virtual table and a GCHandle of a
/// <see cref="SavedEntry"/>, whose virtual functions are the C# methods below. libtorch owns the objects.
/// </summary>
internal static unsafe class HookObject
{
    private static nint* _table;
    private static delegate* unmanaged<nint, void> _operatorDelete;
    private static long _live;

    [ThreadStatic]
    private static nint _newest;

    /// <summary>Objects that libtorch holds now.</summary>
    public static long Live => Interlocked.Read(ref _live);

    /// <summary>The object most lately made on this thread; for the layout probe.</summary>
    public static nint Newest => _newest;

    /// <summary>Builds the virtual table. Call once, before <see cref="GetDefaultHooks"/> can be called.</summary>
    public static void Prepare(nint torchCpu)
    {
        // libtorch's own operator delete: the search covers the libraries that it depends on.
        _operatorDelete = (delegate* unmanaged<nint, void>)AutogradEngine.Export(torchCpu, "_ZdlPv");

        // Two words ahead (offset to top, type info: no dynamic_cast is done), four functions, and spare entries that only
        // Python and compiled autograd call (retrieve_unpack_hook_data and its later companions).
        const int spare = 4;
        nint* table = (nint*)NativeMemory.AllocZeroed(2 + 4 + spare, (nuint)sizeof(nint));
        table[2] = (nint)(delegate* unmanaged<nint, nint, void>)&Pack;
        table[3] = ThrowingThunk.Create((nint)(delegate* unmanaged<nint*, nint, nint>)&Unpack);
        table[4] = (nint)(delegate* unmanaged<nint, void>)&Destroy;
        table[5] = (nint)(delegate* unmanaged<nint, void>)&DestroyAndFree;
        for (int slot = 6; slot < 6 + spare; slot++)
        {
            table[slot] = (nint)(delegate* unmanaged<nint, nint, nint>)&Unsupported;
        }

        _table = table + 2;
    }

    /// <summary>
    /// <c>std::unique_ptr&lt;SavedVariableHooks&gt; Engine::get_default_saved_variable_hooks()</c>: the pointer goes to
    /// <paramref name="result"/>.
    /// </summary>
    [UnmanagedCallersOnly]
    public static nint* GetDefaultHooks(nint* result, nint engine)
    {
        *result = 0;
        if (SavedTensorsHooks.Current is { } hooks)
        {
            nint* hook = (nint*)NativeMemory.Alloc(2, (nuint)sizeof(nint));
            hook[0] = (nint)_table;
            hook[1] = GCHandle.ToIntPtr(GCHandle.Alloc(new SavedEntry(hooks)));
            Interlocked.Increment(ref _live);
            *result = _newest = (nint)hook;
        }

        return result;
    }

    /// <summary><c>void call_pack_hook(const at::Tensor&amp;)</c>.</summary>
    [UnmanagedCallersOnly]
    private static void Pack(nint self, nint tensor)
    {
        SavedEntry entry = EntryOf(self);
        SavedTensorsHooks.EnterHook();
        try
        {
            entry.Pack(tensor);
        }
        catch (Exception e)
        {
            SavedTensorsHooks.Latch(entry.Hooks, nameof(Pack), e);
        }
        finally
        {
            SavedTensorsHooks.LeaveHook();
        }
    }

    /// <summary>
    /// <c>at::Tensor call_unpack_hook()</c> behind a <see cref="ThrowingThunk"/>: 0 when the tensor was put into
    /// <paramref name="result"/>, 1 when the thunk is to throw.
    /// </summary>
    [UnmanagedCallersOnly]
    private static nint Unpack(nint* result, nint self)
    {
        SavedEntry entry = EntryOf(self);
        SavedTensorsHooks.EnterHook();
        try
        {
            // An at::Tensor is one intrusive pointer: move it out of the heap-allocated one that the handle is.
            nint handle = entry.Unpack();
            *result = *(nint*)handle;
            _operatorDelete(handle);
            return 0;
        }
        catch (Exception e)
        {
            SavedTensorsHooks.Latch(entry.Hooks, nameof(Unpack), e);
            return 1;
        }
        finally
        {
            SavedTensorsHooks.LeaveHook();
        }
    }

    [UnmanagedCallersOnly]
    private static void Destroy(nint self) => Release(self);

    [UnmanagedCallersOnly]
    private static void DestroyAndFree(nint self)
    {
        Release(self);
        NativeMemory.Free((void*)self);
    }

    [UnmanagedCallersOnly]
    private static nint Unsupported(nint self, nint argument)
    {
        Environment.FailFast("libtorch called a saved-variable hook function that serves Python's compiled autograd only");
        return 0;
    }

    private static void Release(nint self)
    {
        SavedEntry entry = EntryOf(self);
        GCHandle.FromIntPtr(((nint*)self)[1]).Free();
        Interlocked.Decrement(ref _live);
        SavedTensorsHooks.EnterHook();
        try
        {
            entry.Release();
        }
        catch (Exception e)
        {
            SavedTensorsHooks.Latch(entry.Hooks, nameof(Release), e);
        }
        finally
        {
            SavedTensorsHooks.LeaveHook();
        }
    }

    private static SavedEntry EntryOf(nint self) =>
        Unsafe.As<SavedEntry>(GCHandle.FromIntPtr(((nint*)self)[1]).Target!);
}
