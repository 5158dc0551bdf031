using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogRecorder : ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    internal IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));
}
