using System.Runtime.InteropServices;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Finds <c>SavedVariable::was_default_constructed_</c> of the member <c>result_</c> in libtorch's ReluBackward0 by watching
/// real ReLUs, instead of trusting an offset.
/// </summary>
/// <remarks>
/// A SavedVariable ends: <c>uint32 saved_version_, output_nr_; bool was_default_constructed_ (true until a tensor is saved),
/// is_inplace_on_view_, saved_original_, is_leaf_, is_output_; unique_ptr hooks_; ...</c>. So once the hook object that we
/// handed out shows up in the node, the flags lie in the word before it.
/// </remarks>
internal static unsafe class ReluLayoutProbe
{
    private const int IsOutput = 4;

    /// <summary>The flag's offset in the node, or -1 when the node does not look as described.</summary>
    public static int FindResultUnset(torch.Tensor x, Func<torch.Tensor, nint> nodeOf)
    {
        var usableSize = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(
            NativeLibrary.GetMainProgramHandle(), "malloc_usable_size");
        nint node = 0;
        byte[] during = [];
        torch.Tensor y = Hooked(
            (in _, tensor) =>
            {
                node = nodeOf(tensor);
                during = new ReadOnlySpan<byte>((void*)node, (int)Math.Min(usableSize(node), 4096)).ToArray();
            },
            () => x.relu());
        if (node == 0 || nodeOf(y) != node)
        {
            return -1;
        }

        ReadOnlySpan<byte> after = new((void*)node, during.Length);
        ReadOnlySpan<nint> words = MemoryMarshal.Cast<byte, nint>(after);
        int hooks = words.IndexOf(HookObject.Newest) * sizeof(nint);
        int flags = hooks - sizeof(nint);
        bool asKnown = flags > 0
            && MemoryMarshal.Read<nint>(during.AsSpan(hooks)) == 0
            && during[flags] == 1 && after[flags] == 0
            && during[flags + IsOutput] == 0 && after[flags + IsOutput] == 1;
        GC.KeepAlive(y);
        return asKnown ? flags : -1;
    }

    /// <summary>Ownership comes out right for ReLUs in and out of place, for their consumers, and for other nodes.</summary>
    public static bool Confirms(torch.Tensor x)
    {
        List<bool> own = [];
        List<string?> names = [];
        void Note(in SavedTensorInfo info, torch.Tensor tensor)
        {
            own.Add(info.IsReluOutputOfItself);
            names.Add(info.GradientFunction);
        }

        _ = Hooked(Note, () => x.relu());                        // the ReLU's own save
        torch.Tensor unhooked = x.relu();
        _ = Hooked(Note, () => unhooked.exp());                  // exp saves its own result
        _ = Hooked(Note, () => unhooked.sin());                  // sin saves its input, a ReLU's result, saved without hooks
        _ = Hooked(Note, () => x.add(x).relu_().sin());          // the in-place ReLU's own save, then its consumer's
        torch.Tensor sum = x.add(x);
        _ = Hooked(Note, () => sum.sin());
        return own.SequenceEqual([true, false, false, true, false, false])
            && names.SequenceEqual(["ReluBackward0", "ExpBackward0", "ReluBackward0", "ReluBackward0", "ReluBackward0", "AddBackward0"]);
    }

    private static torch.Tensor Hooked(Watcher watcher, Func<torch.Tensor> compute)
    {
        using (SavedTensorsHooks.Use(new Watching(watcher)))
        {
            return compute();
        }
    }

    private delegate void Watcher(in SavedTensorInfo info, torch.Tensor tensor);

    private sealed class Watching(Watcher watcher) : ISavedTensorHooks
    {
        public object? Pack(in SavedTensorInfo info, torch.Tensor tensor)
        {
            watcher(info, tensor);
            return null;
        }

        public torch.Tensor Unpack(object packed) => throw new NotSupportedException();

        public void Release(object packed) => throw new NotSupportedException();
    }
}
