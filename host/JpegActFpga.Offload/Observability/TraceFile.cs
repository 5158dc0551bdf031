using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using JpegActFpga.Core.Observability;

namespace JpegActFpga.Offload.Observability;

/// <summary>A file of trace events that is a whole JSON document after each write. Not safe from several threads.</summary>
internal sealed class TraceFile : IDisposable
{
    private const int BufferBytes = 1 << 16;
    private const int Process = 1;
    private static ReadOnlySpan<byte> Tail => "\n]}\n"u8;

    private static readonly Backlog[] Queues = Enum.GetValues<Backlog>();

    // First words of rows: the training thread on top, then what it waits for, then what works for it.
    private static readonly string[] Order = ["training", "stash", "take", "JPEG-ACT", "compress", "scan", "expand", "card", "verify", "store", "spill", "unspill"];

    private readonly Stream _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes + (BufferBytes / 4));
    private readonly Utf8JsonWriter _json;
    private long _end;
    private bool _any;

    /// <summary>Writes the file's head.</summary>
    /// <param name="file">The file; disposed with this object.</param>
    /// <param name="facts">What the trace is of.</param>
    internal TraceFile(Stream file, IReadOnlyDictionary<string, string> facts)
    {
        _file = file;
        _json = new Utf8JsonWriter(_buffer);
        _buffer.Write("""{"displayTimeUnit":"ms","otherData":"""u8);
        Event(json =>
        {
            foreach ((string name, string value) in facts)
            {
                json.WriteString(name, value);
            }
        });
        _buffer.Write(""","traceEvents":["""u8);
        _any = false;
        Flush();
    }

    /// <summary>Names a row.</summary>
    internal void Lane(TraceLanes.Slot slot)
    {
        Metadata("thread_name", slot.Thread, json => json.WriteString("name", slot.Title));
        Metadata("thread_sort_index", slot.Thread, json => json.WriteNumber("sort_index", (Rank(slot.Lane) * 1000) + slot.Thread));
    }

    /// <summary>Adds a stage that ended.</summary>
    internal void Stage(Activity activity, int thread, long start, long duration)
    {
        Separate();
        Event(json =>
        {
            string? layer = StageOrigin.LayerOf(activity);
            json.WriteString("name", string.IsNullOrEmpty(layer) ? activity.OperationName : $"{activity.OperationName} {layer}");
            json.WriteString("cat", activity.OperationName);
            json.WriteString("ph", "X");
            json.WriteNumber("ts", start / 1000m);
            json.WriteNumber("dur", duration / 1000m);
            json.WriteNumber("pid", Process);
            json.WriteNumber("tid", thread);
            json.WriteStartObject("args");
            if (!string.IsNullOrEmpty(layer))
            {
                json.WriteString("layer", layer);
            }

            foreach (KeyValuePair<string, object?> tag in activity.EnumerateTagObjects())
            {
                Argument(json, tag);
            }

            if (activity.Status == ActivityStatusCode.Error)
            {
                json.WriteString("error", activity.StatusDescription);
            }

            json.WriteEndObject();
        });
    }

    /// <summary>Adds what is held and what waits now.</summary>
    internal void Counters(long at)
    {
        Counter("held frames", at, json => json.WriteNumber("bytes", OffloadTelemetry.HeldFrameBytes));
        Counter("queued", at, json =>
        {
            foreach (Backlog queue in Queues)
            {
                json.WriteNumber(queue.ToString(), OffloadTelemetry.Depth(queue));
            }
        });
    }

    /// <summary>Writes what is in the buffer, and the document's end behind it, which the next write replaces.</summary>
    internal void Flush()
    {
        int bytes = _buffer.WrittenCount;
        if (bytes == 0)
        {
            return;
        }

        _buffer.Write(Tail);
        _file.Position = _end;
        try
        {
            _file.Write(_buffer.WrittenSpan);
            _file.Flush();
        }
        catch (IOException) when (_end > 0)
        {
            // A full disk takes a part. The document's end was in the same place before, so there is room for it.
            _file.SetLength(_end + Tail.Length);
            _file.Position = _end;
            _file.Write(Tail);
            throw;
        }

        _end += bytes;
        _buffer.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private static int Rank(string lane) => Array.IndexOf(Order, lane.Split(' ')[0]) is var rank and >= 0 ? rank : Order.Length;

    private static void Argument(Utf8JsonWriter json, KeyValuePair<string, object?> tag)
    {
        if (tag.Key is StageTelemetry.LaneTag or StageTelemetry.LayerTag)
        {
            return;
        }

        string name = tag.Key.StartsWith("jpegact.", StringComparison.Ordinal) ? tag.Key["jpegact.".Length..] : tag.Key;
        switch (tag.Value)
        {
            case long number:
                json.WriteNumber(name, number);
                break;
            case var other:
                json.WriteString(name, other?.ToString());
                break;
        }
    }

    private void Counter(string name, long at, Action<Utf8JsonWriter> values)
    {
        Separate();
        Event(json =>
        {
            json.WriteString("name", name);
            json.WriteString("ph", "C");
            json.WriteNumber("ts", at / 1000m);
            json.WriteNumber("pid", Process);
            json.WriteStartObject("args");
            values(json);
            json.WriteEndObject();
        });
    }

    private void Metadata(string name, int thread, Action<Utf8JsonWriter> value)
    {
        Separate();
        Event(json =>
        {
            json.WriteString("name", name);
            json.WriteString("ph", "M");
            json.WriteNumber("pid", Process);
            json.WriteNumber("tid", thread);
            json.WriteStartObject("args");
            value(json);
            json.WriteEndObject();
        });
    }

    private void Separate()
    {
        if (_buffer.WrittenCount >= BufferBytes)
        {
            Flush();
        }

        _buffer.Write(_any ? ",\n"u8 : "\n"u8);
        _any = true;
    }

    private void Event(Action<Utf8JsonWriter> members)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        members(_json);
        _json.WriteEndObject();
        _json.Flush();
    }
}
