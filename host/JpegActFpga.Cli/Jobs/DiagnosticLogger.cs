using Microsoft.Extensions.Logging;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Writes what the engine logs to standard error at once, so that a card's failure is seen when it happens. Safe from any thread.</summary>
/// <param name="display">Where to.</param>
internal sealed class DiagnosticLogger(IProgressDisplay display) : ILogger
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            lock (_lock)
            {
                display.Tell(formatter(state, exception));
            }
        }
    }
}
