using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>Looks at the autograd node that made a tensor, through exported functions and the C++ ABI's type info.</summary>
internal static unsafe class AutogradNodes
{
    private const string ReluNode = "ReluBackward0";
    private const string TensorBase = "_ZNK2at10TensorBase";

    private static readonly ConcurrentDictionary<nint, string> NamesByTypeInfo = new();
    private static delegate* unmanaged<nint, nint*> _gradientFunction;
    private static delegate* unmanaged<nint, byte> _isView;
    private static delegate* unmanaged<nint, nint> _base;
    private static delegate* unmanaged<nint, long> _version;
    private static int _reluResultUnset = -1;

    /// <summary>The layout of a ReLU's node was found by <see cref="Probe"/>.</summary>
    public static bool KnowsReluLayout => _reluResultUnset >= 0;

    /// <summary>Finds the exported functions.</summary>
    public static void Prepare(nint torchCpu)
    {
        _gradientFunction = (delegate* unmanaged<nint, nint*>)AutogradEngine.Export(torchCpu, TensorBase + "7grad_fnEv");
        _isView = (delegate* unmanaged<nint, byte>)AutogradEngine.Export(torchCpu, TensorBase + "7is_viewEv");
        _base = (delegate* unmanaged<nint, nint>)AutogradEngine.Export(torchCpu, TensorBase + "5_baseEv");
        _version = (delegate* unmanaged<nint, long>)AutogradEngine.Export(torchCpu, TensorBase + "8_versionEv");
    }

    /// <summary>Describes a tensor that autograd is saving at this moment.</summary>
    public static SavedTensorInfo Describe(torch.Tensor tensor)
    {
        bool isView = _isView(tensor.Handle) != 0;
        using torch.Tensor? viewed = isView ? Wrap(_base(tensor.Handle)) : null;
        torch.Tensor origin = viewed ?? tensor;
        bool originIsLeaf = origin.is_leaf;

        // A view's own node is not asked for: autograd might have to rebuild it. A base is never a view.
        nint node = originIsLeaf ? 0 : *_gradientFunction(origin.Handle);
        string? name = node == 0 ? null : NameOf(node);
        uint version = VersionOf(tensor);
        long elements = tensor.numel();
        bool isContiguous = tensor.is_contiguous();
        bool isWhole = viewed is null || (isContiguous && viewed.is_contiguous() && viewed.numel() == elements);
        SavedTensorInfo info = new()
        {
            Identity = TensorHandles.Identity(tensor),
            Key = node != 0 && isWhole ? new SavedValueKey(TensorHandles.Identity(origin), node, version) : null,
            GradientFunction = name,
            IsReluOutputOfItself = !isView && name == ReluNode && KnowsReluLayout && *(byte*)(node + _reluResultUnset) != 0,
            IsLeaf = isView ? tensor.is_leaf : originIsLeaf,
            RequiresGrad = tensor.requires_grad,
            IsView = isView,
            IsParameter = originIsLeaf && origin.requires_grad,
            ElementType = tensor.dtype,
            Shape = TensorHandles.Sizes(tensor),
            Strides = TensorHandles.Strides(tensor),
            IsContiguous = isContiguous,
            Elements = elements,
            Bytes = elements * tensor.element_size(),
            Version = version,
        };
        GC.KeepAlive(tensor);
        return info;
    }

    /// <summary>In-place modifications of a tensor and of what shares its memory.</summary>
    public static uint VersionOf(torch.Tensor tensor)
    {
        uint version = (uint)_version(tensor.Handle);
        GC.KeepAlive(tensor);
        return version;
    }

    /// <summary>
    /// Learns from small graphs where a ReLU's node says that its result is not saved yet, which is so only while the ReLU
    /// itself saves it. Leaves <see cref="KnowsReluLayout"/> false when anything looks different from what we know.
    /// </summary>
    public static void Probe()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable gradients = torch.enable_grad();
        torch.Tensor x = torch.ones(3, requires_grad: true);
        int candidate = ReluLayoutProbe.FindResultUnset(x, NodeOf);
        if (candidate < 0)
        {
            return;
        }

        _reluResultUnset = candidate;
        if (!ReluLayoutProbe.Confirms(x))
        {
            _reluResultUnset = -1;
        }
    }

    /// <summary>
    /// The class name of a node, without namespaces. Its type info hangs before its virtual table, and the mangled name's
    /// address is the type info's second word.
    /// </summary>
    private static string NameOf(nint node)
    {
        nint typeInfo = (*(nint**)node)[-1];
        return NamesByTypeInfo.GetOrAdd(typeInfo, static info => LastComponent(Marshal.PtrToStringAnsi(((nint*)info)[1]) ?? ""));
    }

    /// <summary>The last part of a nested name such as <c>N5torch8autograd9generated13ReluBackward0E</c>.</summary>
    internal static string LastComponent(string mangled)
    {
        string last = mangled;
        int at = mangled.StartsWith('N') ? 1 : 0;
        while (at < mangled.Length && char.IsAsciiDigit(mangled[at]))
        {
            int digits = at;
            while (digits < mangled.Length && char.IsAsciiDigit(mangled[digits]))
            {
                digits++;
            }

            int length = int.Parse(mangled.AsSpan(at, digits - at), CultureInfo.InvariantCulture);
            if (digits + length > mangled.Length)
            {
                break;
            }

            last = mangled.Substring(digits, length);
            at = digits + length;
        }

        return last;
    }

    private static nint NodeOf(torch.Tensor tensor) => *_gradientFunction(tensor.Handle);

    private static torch.Tensor Wrap(nint tensor) => torch.Tensor.UnsafeCreateTensor(TensorHandles.NewHandle(tensor));
}
