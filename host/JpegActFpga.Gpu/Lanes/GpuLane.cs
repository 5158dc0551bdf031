using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Launches;
using JpegActFpga.Gpu.Staging;

namespace JpegActFpga.Gpu.Lanes;

/// <summary>One call at a time on the GPU: a stream of its own, device memory, a page-locked ring. For one thread at a time.</summary>
internal sealed unsafe class GpuLane : IDisposable
{
    private readonly CudaContext _context;
    private readonly GpuKernels _kernels;
    private readonly GpuOptions _options;
    private readonly CudaStream _stream;
    private readonly CudaEvent _callerReady;
    private readonly CudaEvent _done;
    private readonly PinnedRing _ring;
    private readonly CudaHostMemory _status;
    private readonly GrowingMemory _tensor;
    private readonly GrowingMemory _frame;
    private readonly GrowingMemory _work;

    internal GpuLane(CudaContext context, GpuKernels kernels, GpuOptions options)
    {
        _context = context;
        _kernels = kernels;
        _options = options;
        _tensor = new GrowingMemory(context);
        _frame = new GrowingMemory(context);
        _work = new GrowingMemory(context);
        var made = new List<IDisposable>();
        try
        {
            made.Add(_stream = new CudaStream(context));
            made.Add(_callerReady = new CudaEvent(context));
            made.Add(_done = new CudaEvent(context));
            made.Add(_ring = new PinnedRing(context, options));
            made.Add(_status = new CudaHostMemory(context, sizeof(CodecStatus)));
        }
        catch (CudaException)
        {
            made.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>Gets a value indicating whether the lane can't be used again: the GPU hangs or is lost. Its memory is given up.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Compresses a tensor in host, page-locked or device memory.</summary>
    internal CompressResult Compress(TensorView source, CodecProfile profile, NativeSpan<byte> destination, nint caller) =>
        Guard(writesToCaller: false, () =>
        {
            if (profile.Method == CodecMethod.Raw)
            {
                return CompressRaw(source, Place(source, caller), nonFinite: false, destination);
            }

            var plan = new TensorPlan(source.Spec, profile.Method, profile.ScaleMode);
            ulong tensor = Place(source, caller);
            ulong frame = _frame.AtLeast(plan.FrameBytes);
            CodecArguments arguments = plan.Encoding(profile, tensor, frame, Work(plan));
            if (profile.Method.HasScales())
            {
                _kernels.Scan(_stream, source.Spec.ElementType, arguments);
            }

            _kernels.Encode(_stream, source.Spec.ElementType, profile, arguments);
            _kernels.Checksum(_stream, arguments);
            CodecStatus status = Status(arguments.Status);
            if (status.NonFinite != 0)
            {
                return CompressRaw(source, tensor, nonFinite: true, destination);
            }

            var builder = new FrameBuilder(destination, source.Spec, profile);
            if (status.ValueBytes > (ulong)builder.Values.Length)
            {
                throw new BackendException(BackendFailure.DeviceFault, $"{_context.Device.Name} says that it made {status.ValueBytes} value bytes of {source.Spec}; {builder.Values.Length} are possible.");
            }

            Download(frame, destination.Slice(plan.Layout.ScalesOffset, plan.Layout.ValuesOffset - plan.Layout.ScalesOffset + (long)status.ValueBytes));
            ClearGaps(plan.Layout, destination);
            DemandEndOffset(builder, status.ValueBytes);
            return new CompressResult(builder.Seal(nonNegative: status.AnyNegative == 0), profile.Method);
        });

    /// <summary>Expands a frame into host, page-locked or device memory.</summary>
    internal void Expand(FrameReader frame, TensorView destination, nint caller) =>
        Guard(writesToCaller: destination.Memory == MemoryKind.Gpu, () =>
        {
            FrameHeader header = frame.Header;
            bool onDevice = destination.Memory == MemoryKind.Gpu;
            if (header.Method == CodecMethod.Raw)
            {
                ExpandRaw(frame, destination, onDevice, caller);
                return 0;
            }

            var plan = new TensorPlan(destination.Spec, header.Method, header.ScaleMode);
            ulong tensor = onDevice ? OwnAddress(destination) : _tensor.AtLeast(destination.Bytes.Length);
            ulong sections = _frame.AtLeast(plan.FrameBytes);
            var whole = new NativeSpan<byte>((byte*)frame.TileOffsets.Address - frame.Layout.TileOffsetsOffset, frame.Layout.ValuesOffset + header.ValueBytes);
            Upload(whole.Slice(frame.Layout.ScalesOffset, whole.Length - frame.Layout.ScalesOffset), sections);
            if (onDevice)
            {
                FollowCaller(caller);
            }

            _kernels.Decode(_stream, destination.Spec.ElementType, header.Method, plan.Decoding(header, tensor, sections));
            if (onDevice)
            {
                Finish();
            }
            else
            {
                Download(tensor, destination.Bytes);
            }

            return 0;
        });

    /// <summary>Brings a device tensor into page-locked memory in another form.</summary>
    internal StagedTensor Stage(TensorView source, StagingFormat format, CodecProfile profile, NativeSpan<byte> destination, nint caller) =>
        Guard(writesToCaller: true, () => format switch
        {
            StagingFormat.Raw => CopyOut(source, destination, caller),
            StagingFormat.BFloat16 => NarrowOut(source, destination, caller),
            _ => ScaleOut(source, profile, destination, caller),
        });

    /// <inheritdoc/>
    public void Dispose()
    {
        _tensor.Dispose();
        _frame.Dispose();
        _work.Dispose();
        _status.Dispose();
        _ring.Dispose();
        _done.Dispose();
        _callerReady.Dispose();
        _stream.Dispose();
    }

    // Bytes between sections are zero in a frame; the kernels do not write there.
    private static void ClearGaps(FrameLayout layout, NativeSpan<byte> frame)
    {
        Clear(frame, layout.ScalesOffset + (sizeof(float) * layout.ScaleCount), layout.TileOffsetsOffset);
        Clear(frame, layout.TileOffsetsOffset + (sizeof(ulong) * (layout.Geometry.Tiles + 1)), layout.TileChecksumsOffset);
        Clear(frame, layout.TileChecksumsOffset + (sizeof(uint) * layout.Geometry.Tiles), layout.MasksOffset);
        Clear(frame, layout.MasksOffset + layout.MaskBytes, layout.ValuesOffset);
    }

    private static void Clear(NativeSpan<byte> frame, long start, long end) => frame.Slice(start, end - start).Clear();

    private void DemandEndOffset(FrameBuilder builder, ulong valueBytes)
    {
        ulong end = builder.TileOffsets[builder.Layout.Geometry.Tiles];
        if (end != valueBytes)
        {
            throw new BackendException(BackendFailure.DeviceFault, $"{_context.Device.Name} gave {end} as the last tile offset of {valueBytes} value bytes.");
        }
    }

    private StagedTensor CopyOut(TensorView source, NativeSpan<byte> destination, nint caller)
    {
        _stream.CopyToHost(Place(source, caller), destination.Address, destination.Length);
        Finish();
        return new StagedTensor(StagingFormat.Raw, source.Spec, destination.Length, 0, NonFinite: false, NonNegative: false);
    }

    private StagedTensor NarrowOut(TensorView source, NativeSpan<byte> destination, nint caller)
    {
        var plan = new TensorPlan(source.Spec, CodecMethod.Raw, ScaleMode.None);
        CodecArguments arguments = plan.Encoding(CodecProfile.Raw, Place(source, caller), _frame.AtLeast(plan.FrameBytes), Work(plan));
        arguments.Values = _tensor.AtLeast(destination.Length);
        _kernels.Narrow(_stream, source.Spec.ElementType, arguments);
        _stream.CopyToHost(arguments.Values, destination.Address, destination.Length);
        Finish();
        var spec = new TensorSpec(ElementType.BFloat16, source.Spec.Shape);
        return new StagedTensor(StagingFormat.BFloat16, spec, destination.Length, 0, NonFinite: false, NonNegative: false);
    }

    private StagedTensor ScaleOut(TensorView source, CodecProfile profile, NativeSpan<byte> destination, nint caller)
    {
        CodecProfile sfpr = CodecProfile.Sfpr(zeroValueCompression: false, profile.FullScale, profile.ScaleMode);
        var plan = new TensorPlan(source.Spec, CodecMethod.Sfpr, sfpr.ScaleMode);
        ulong frame = _frame.AtLeast(plan.FrameBytes);
        CodecArguments arguments = plan.Encoding(sfpr, Place(source, caller), frame, Work(plan));
        _kernels.Scan(_stream, source.Spec.ElementType, arguments);
        _kernels.Encode(_stream, source.Spec.ElementType, sfpr, arguments);
        var staged = new StagedTensor(StagingFormat.ScaledInt8, source.Spec, plan.Layout.Geometry.Elements, plan.Layout.ScaleCount, NonFinite: false, NonNegative: false);
        _stream.CopyToHost(arguments.Values, destination.Address, staged.ByteCount);
        _stream.CopyToHost(frame, destination.Address + (nint)staged.ScalesOffset, sizeof(float) * staged.ScaleCount);
        CodecStatus status = Status(arguments.Status);
        return staged with { NonFinite = status.NonFinite != 0, NonNegative = status.AnyNegative == 0 };
    }

    private CompressResult CompressRaw(TensorView source, ulong tensor, bool nonFinite, NativeSpan<byte> destination)
    {
        var plan = new TensorPlan(source.Spec, CodecMethod.Raw, ScaleMode.None);
        ulong frame = _frame.AtLeast(plan.FrameBytes);
        CodecArguments arguments = plan.Encoding(CodecProfile.Raw, tensor, frame, Work(plan));
        _kernels.Encode(_stream, source.Spec.ElementType, CodecProfile.Raw, arguments);
        _kernels.Checksum(_stream, arguments);
        var builder = new FrameBuilder(destination, source.Spec, CodecProfile.Raw);
        Download(frame, destination.Slice(plan.Layout.ScalesOffset, plan.Layout.ValuesOffset - plan.Layout.ScalesOffset));
        ClearGaps(plan.Layout, destination);
        if (source.Memory == MemoryKind.Gpu)
        {
            Download(tensor, builder.Values);
        }
        else
        {
            source.Bytes.CopyTo(builder.Values);
        }

        DemandEndOffset(builder, (ulong)source.Spec.ByteCount);
        return new CompressResult(builder.Seal(nonNegative: false, nonFinite), CodecMethod.Raw);
    }

    private void ExpandRaw(FrameReader frame, TensorView destination, bool onDevice, nint caller)
    {
        if (!onDevice)
        {
            frame.Values.CopyTo(destination.Bytes);
            return;
        }

        FollowCaller(caller);
        Upload(frame.Values, OwnAddress(destination));
        Finish();
    }

    // Device address of the tensor: its own, after what the caller's stream does with it, or that of a copy.
    private ulong Place(TensorView source, nint caller)
    {
        if (source.Memory == MemoryKind.Gpu)
        {
            ulong own = OwnAddress(source);
            FollowCaller(caller);
            return own;
        }

        ulong tensor = _tensor.AtLeast(source.Bytes.Length);
        if (source.Memory == MemoryKind.PinnedHost)
        {
            _stream.CopyToDevice(source.Bytes.Address, tensor, source.Bytes.Length);
        }
        else
        {
            Upload(source.Bytes, tensor);
        }

        return tensor;
    }

    // A kernel that reads the memory of another GPU would cost the context.
    private ulong OwnAddress(TensorView tensor)
    {
        var address = (ulong)tensor.Bytes.Address;
        int owner = _context.DeviceOf(address);
        return owner == _context.Device.Index
            ? address
            : throw new BackendException(BackendFailure.Unsupported, $"The tensor {tensor.Spec} lies in the memory of GPU {owner}, and this is the codec of GPU {_context.Device.Index}.");
    }

    private void FollowCaller(nint caller)
    {
        _callerReady.Record(CudaStream.Borrow(_context, caller));
        _stream.WaitFor(_callerReady);
    }

    private ulong Work(TensorPlan plan)
    {
        ulong work = _work.AtLeast(plan.WorkBytes);
        _stream.Clear(work, plan.WorkBytes);
        return work;
    }

    private CodecStatus Status(ulong address)
    {
        _stream.CopyToHost(address, _status.Address, sizeof(CodecStatus));
        Finish();
        return *(CodecStatus*)_status.Address;
    }

    private void Upload(NativeSpan<byte> from, ulong to) => _ring.Upload(_stream, from, to);

    private void Download(ulong from, NativeSpan<byte> to) => _ring.Download(_stream, from, to);

    private void Finish()
    {
        _done.Record(_stream);
        _done.Wait(_options.EffectiveWaitLimit);
    }

    // Turns what the driver says into a failure of the backend's. `writesToCaller`: the GPU writes into memory of the caller's, which
    // may serve something else after the call.
    private T Guard<T>(bool writesToCaller, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TimeoutException error)
        {
            throw OutOfTime(error, writesToCaller);
        }
        catch (CudaException error)
        {
            throw Settle(error, writesToCaller);
        }
    }

    // A kernel that ends late would write over whatever lies there by then: nobody may go on with this GPU's memory.
    private BackendException OutOfTime(TimeoutException error, bool writesToCaller)
    {
        GiveUp();
        if (!writesToCaller)
        {
            return new BackendException(BackendFailure.DeviceFault, $"{error.Message} What it uses is given up; it gets no more work on this stream.", error);
        }

        CudaException lost = _context.GiveUp($"{error.Message} It may yet write into the caller's memory, so nothing in this process can trust that any more: end the process and look at dmesg for Xid messages.");
        return new BackendException(BackendFailure.DeviceLost, lost.Message, error);
    }

    private static BackendFailure FailureOf(CudaException error) =>
        error.DeviceLost ? BackendFailure.DeviceLost : error.OutOfMemory ? BackendFailure.Transient : BackendFailure.DeviceFault;

    // After a failed call, work that was put on the stream before may still use the caller's memory.
    private BackendException Settle(CudaException error, bool writesToCaller)
    {
        if (error.DeviceLost)
        {
            GiveUp();
        }
        else
        {
            try
            {
                Finish();
            }
            catch (TimeoutException again)
            {
                return OutOfTime(again, writesToCaller);
            }
            catch (CudaException again)
            {
                GiveUp();
                return new BackendException(again.DeviceLost ? BackendFailure.DeviceLost : FailureOf(error), error.Message, again);
            }
        }

        return new BackendException(FailureOf(error), error.Message, error);
    }

    private void GiveUp()
    {
        IsBroken = true;
        _tensor.Leak();
        _frame.Leak();
        _work.Leak();
        _status.Leak();
        _ring.Leak();
        _done.Leak();
        _callerReady.Leak();
        _stream.Leak();
    }
}
