using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace Causeway.Wire;

/// <summary>
/// A server started by us on 127.0.0.1: waits until it answers, can be stopped politely or killed at once, and started
/// again on the same data. Touches only the process it started.
/// </summary>
public sealed partial class ServerProcess(IReadOnlyList<string> command, IPEndPoint endpoint) : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int LinesKept = 60;

    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    public IPEndPoint Endpoint => endpoint;

    public int ProcessId => _process?.Id ?? 0;

    public bool HasExited => _process?.HasExited ?? true;

    /// <summary>The last lines the server wrote, for a report of a failure.</summary>
    public IReadOnlyList<string> LastLines => [.. _lines];

    /// <summary>Starts the server and waits until GET /_matrix/client/versions answers 200; returns how long it took.</summary>
    public async Task<TimeSpan> StartAsync(TimeSpan patience)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        // The switches of this program's own sockets are not the server's business.
        start.Environment.Remove("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS");
        start.Environment.Remove("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT");
        var begun = Stopwatch.GetTimestamp();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"Cannot start {command[0]}.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (Stopwatch.GetElapsedTime(begun) < patience)
        {
            if (_process.HasExited)
            {
                break;
            }

            if (await AnswersAsync())
            {
                return Stopwatch.GetElapsedTime(begun);
            }

            await Task.Delay(10);
        }

        throw new InvalidOperationException(
            (_process.HasExited ? $"The server exited with {_process.ExitCode}" : $"The server did not answer within {patience.TotalSeconds:0} s")
            + ". Its last lines:\n" + string.Join('\n', _lines));
    }

    /// <summary>SIGKILL: as a crash, nothing is flushed or said goodbye to.</summary>
    public async Task KillAsync() => await EndAsync(SigKill);

    /// <summary>SIGTERM: the server drains and exits; killed after 10 s.</summary>
    public async Task StopAsync() => await EndAsync(SigTerm);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
    }

    private async Task EndAsync(int signal)
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        if (signal == SigKill)
        {
            process.Kill(entireProcessTree: true);
        }
        else
        {
            _ = Kill(process.Id, SigTerm);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Keep("(did not exit within 10 s of SIGTERM; killed)");
                process.Kill(entireProcessTree: true);
            }
        }

        await process.WaitForExitAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        using var connection = new HttpConnection(endpoint);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            return (await connection.SendAsync("GET", "/_matrix/client/versions", default, patience.Token)).Status == 200;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > LinesKept)
        {
            _lines.TryDequeue(out _);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
